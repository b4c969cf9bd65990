"""How this Orchestrator behaves where the kinds of Orchestrator differ: the `orchestrator:` part of the catalog.

`profile` chooses a kind: `cloud`, `suite` or `standalone` as they are, or `local` (the default), which takes what any
of them takes and limits nothing. Each other key overrides one thing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from flowrun.emulator.words import Words


class Kind(StrEnum):
    """A kind of Orchestrator."""

    LOCAL = "local"
    CLOUD = "cloud"
    SUITE = "suite"
    STANDALONE = "standalone"


class Tags(StrEnum):
    """Which of a caller's tags a new Job keeps."""

    BOTH = "both"
    REFERENCE = "reference"
    NONE = "none"


class Counts(StrEnum):
    """When a list says `@odata.count`."""

    ASKED = "asked"
    ALWAYS = "always"


class LargeOutputs(StrEnum):
    """What becomes of outputs over the limit: an attachment, or nothing at all, as robots before 2025.10.1 have it."""

    ATTACH = "attach"
    DROP = "drop"


class Signature(StrEnum):
    """How deliveries are signed: sources of UiPath's tell of both forms (API facts 7.3)."""

    BASE64 = "base64"
    SHA256 = "sha256"


Seconds = Annotated[float, Field(ge=0, le=86_400)]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]


class Profile(Words):
    """The kind, and what of it is not as usual. A limit of 0 is none."""

    profile: Annotated[Kind, Field(strict=False)] = Kind.LOCAL
    list_calls_per_minute: Limit = 0
    list_arguments: bool = False
    counts: Annotated[Counts, Field(strict=False)] = Counts.ASKED
    tags: Annotated[Tags, Field(strict=False)] = Tags.BOTH
    unfilterable: Annotated[tuple[str, ...], Field(strict=False)] = ()
    list_lag: Seconds = 0.0
    exports_per_day: Limit = 100
    export_seconds: Seconds = 0.4
    large_outputs: Annotated[LargeOutputs, Field(strict=False)] = LargeOutputs.ATTACH
    breaker_seconds: Seconds = 3600.0
    webhook_signature: Annotated[Signature, Field(strict=False)] = Signature.BASE64

    def of(self, kind: str | None) -> Profile:
        """This profile, as that kind has it where nothing else was said; `None` keeps the kind."""
        chosen = self.profile if kind is None else Kind(kind)
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return Profile(**{**_USUAL.get(chosen, {}), **said, "profile": chosen})

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the API that `api-supported-versions` names."""
        newest = 16 if self.profile is Kind.STANDALONE else 20
        return tuple(f"{number}.0" for number in range(12, newest + 1))

    @property
    def mount(self) -> str:
        """Where `UIPATH_URL` points to on this server."""
        return "" if self.profile is Kind.STANDALONE else "/local/default"

    def serves(self, mount: str) -> bool:
        """Whether the API answers under a mount: `/org/tenant/orchestrator_`, `/org/tenant`, `/orchestrator_` or ``."""
        if self.profile is Kind.LOCAL:
            return True
        if self.profile is Kind.STANDALONE:
            return mount == ""
        tenant, _, service = mount.lower().rpartition("/orchestrator_")
        if mount.lower().endswith("/orchestrator_"):
            return bool(tenant) and not service
        return self.profile is Kind.CLOUD and bool(mount)

    def signs_in(self, path: str) -> bool:
        """Whether a path of the sign-in exists here."""
        text = path.lower()
        if self.profile is Kind.LOCAL:
            return True
        if self.profile is Kind.STANDALONE:
            return text.startswith("/identity/") or text.endswith("/account/authenticate")
        return "/identity_/" in text


_USUAL: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CLOUD: {"list_calls_per_minute": 100},
    Kind.STANDALONE: {"list_arguments": True, "counts": Counts.ALWAYS},
}
