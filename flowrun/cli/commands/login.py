"""`flowrun login`: as whom one is signed in, by what, and whether it works."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from flowrun.cli.answer import Answer
from flowrun.cli.columns import aligned
from flowrun.cli.console import Console
from flowrun.cli.credentials import typed
from flowrun.cli.exit import ExitCode, of_error
from flowrun.cli.options import answering, configured
from flowrun.errors import FlowrunError, UsageError

if TYPE_CHECKING:
    from flowrun.api import SignedIn
    from flowrun.settings import Settings

_NO_BROWSER = "this version has no sign-in by browser; what `uip login` or `uipath auth` leave is read"


@click.command(short_help="Show as whom one is signed in, and try it.")
@click.option(
    "--from-uip", "profile", metavar="PROFILE", help="Sign in with this profile of uip, and say how to keep it."
)
@click.option(
    "--store", type=click.Choice(("keyring",)), help="Ask for a credential, try it, and keep it in the keyring."
)
@click.option("--token", is_flag=True, help="With --store: it is a token, whatever else is configured.")
@answering("text", "json")
@configured(outside=True, later=True)
def login(
    console: Console,  # noqa: ARG001 - all commands are given one
    *,
    profile: str | None,
    store: str | None,
    token: bool,
    settings: Settings,
) -> Answer:
    """Show as whom one is signed in by what there is, and try it by reading the folders. Nothing is changed.

    Environment, `.env`, files, the keyring, tokens of CI systems and what UiPath's own tools left are looked at. With
    `--store keyring` a credential is asked for without an echo, or read from stdin (a token, a secret, or client id
    and secret in two lines), tried, and kept only if it works; it is never taken from the command line. There is no
    sign-in by browser in this version.
    """
    if token and not store:
        raise click.UsageError("--token goes with --store keyring.")
    if store and profile:
        raise click.UsageError("--store and --from-uip go one without the other: a profile renews its own token.")
    more: dict[str, Any] = {}
    service = None
    if profile is not None:
        more = _of_profile(profile, settings)
    elif store:
        service = service_of(settings)
        more = {"typed": typed(value_of(settings, "client_id"), value_of(settings, "username"), token=token)}
    elif settings.context.emulator and (settings.context.chosen or _unconfigured(settings)):
        return _nothing(settings)
    return _tried(settings, more, service)


def _tried(settings: Settings, more: Mapping[str, Any], service: str | None) -> Answer:
    """Sign in, and keep what was typed where that worked."""
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    found: SignedIn | None = None
    kept: tuple[str, ...] = ()
    try:
        whole = settings.within(None, **more)
        found = asyncio.run(api.try_sign_in(whole))
        if service is not None:
            known = [name for name in ("client_id", "username") if value_of(settings, name)]
            kept = api.store(service, {name: text for name, text in more["typed"].items() if name not in known})
    except FlowrunError as error:
        return _answer(settings, None, error=error)
    return _answer(settings, found, kept=kept, service=service, profile=more.get("uip_profile"))


def _answer(
    settings: Settings,
    found: SignedIn | None,
    *,
    error: FlowrunError | None = None,
    kept: tuple[str, ...] = (),
    service: str | None = None,
    profile: str | None = None,
) -> Answer:
    ways = [way for way in settings.ways() if found is None or way.text != found.way]
    rows = [("context", f"{settings.context.shown} ({settings.context.source})")]
    rows += [("signed in", f"at {found.url}"), ("by", found.way)] if found else [("not signed in", "")]
    rows += [("as", ", ".join(found.facts)), ("folders", ", ".join(found.folders) or "none")] if found else []
    rows += [("there is too" if found else "there is", _words(way.text, way.host, way.fault)) for way in ways]
    message = ""
    if error is not None:
        message = f"{error.message}\n  {error.hint}" if error.hint else error.message
        message += f"\n  {_NO_BROWSER}" if isinstance(error, UsageError) else ""
    elif kept:
        message = f"the keyring keeps {', '.join(kept)} under {service}; flowrun logout takes it out again"
    elif profile is not None and found is not None:
        message = f'to keep it, write into a context of flowrun.toml: url = "{found.url}", uip_profile = "{profile}"'
    return Answer(
        data={
            "context": settings.context.name,
            "signed_in": found is not None,
            "url": found.url if found else None,
            "way": found.way if found else None,
            "facts": list(found.facts) if found else [],
            "folders": list(found.folders) if found else [],
            "others": [{"text": way.text, "host": way.host or None, "fault": way.fault or None} for way in ways],
            "kept": list(kept),
        },
        text="\n".join(aligned(rows)),
        code=ExitCode.SUCCESS if error is None else of_error(error),
        message=message,
    )


def _nothing(settings: Settings) -> Answer:
    """Nobody need sign in at the embedded Orchestrator."""
    answer = _answer(settings, None)
    message = f"nobody need sign in: runs go to the embedded Orchestrator; {_NO_BROWSER}"
    return Answer(data=answer.data, text=answer.text, message=message)


def _unconfigured(settings: Settings) -> bool:
    """Whether nothing at all names an Orchestrator, rather than half of a connection."""
    try:
        return settings.within(None).connection is None
    except UsageError:
        return False


def _words(text: str, host: str, fault: str) -> str:
    return f"{text}{f', for {host}' if host else ''}{f': {fault}' if fault else ''}"


def _of_profile(name: str, settings: Settings) -> dict[str, Any]:
    """The flags that sign in with a profile; its own URL where no other is configured."""
    from flowrun.settings import profile  # noqa: PLC0415 - `--help` reads no file

    found = profile(name, os.environ, "--from-uip")
    url = {} if value_of(settings, "url") or not found.url else {"url": found.url}
    return {"uip_profile": name, **url}


def service_of(settings: Settings) -> str:
    """The name under which the keyring keeps credentials here. Raises UsageError where none is set."""
    service = value_of(settings, "keyring")
    if service is None:
        name = f"flowrun-{settings.context.name}"
        where = f"[context.{settings.context.name}] of flowrun.toml" if settings.context.chosen else "flowrun.toml"
        raise UsageError(
            "no name is set under which the keyring would keep it",
            hint=f'Write keyring = "{name}" into {where}, or set FLOWRUN_KEYRING={name}; runs look there, too.',
        )
    return service


def value_of(settings: Settings, name: str) -> str | None:
    """What a setting says, where it says anything."""
    said: Iterator[str] = (one.value for one in settings.explain() if one.name == name and one.source != "default")
    return next(said, None)
