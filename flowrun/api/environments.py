"""The environments of a workflow: which there are, which is chosen, and what of it a run remembers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.api.texts import read_text
from flowrun.errors import SpecError, UsageError
from flowrun.nearest import nearest
from flowrun.settings import Choice, Context, Overlay
from flowrun.spec import environment

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.settings import Settings
    from flowrun.spec.environment import Environment, Environments

_ENDINGS = (".yaml", ".yml")
_RECORD = "what the run remembers"


def beside(file: Path) -> dict[str, list[Path]]:
    """The files in the folder `environments` beside a workflow, by the names that they have as environments."""
    folder = file.parent / environment.FOLDER
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in _ENDINGS and path.is_file() and not path.name.startswith("."):
            found.setdefault(path.stem, []).append(path)
    return found


def is_one(file: Path) -> bool:
    """Whether a file lies where environments do."""
    return file.absolute().parent.name == environment.FOLDER


def chosen(file: Path, choice: Choice) -> Environment | None:
    """The environment that was chosen for a workflow; None where none was.

    Raises UsageError where there is no such environment or it wants another context than the one that chose it,
    SpecError where it has errors of its own.
    """
    path = _path(file, choice)
    if path is None:
        return None
    found = read(path)
    if found.model is None:
        raise SpecError(found.problems, file=found.file, text=found.text)
    if choice.context is not None and found.model.context not in (None, choice.context):
        raise UsageError(
            f"the context {choice.context} chooses the environment {found.name} ({choice.source}), and that chooses "
            f"the context {found.model.context} ({found.file})",
            hint="Change one of the two.",
        )
    return found


def around(file: Path, choice: Choice) -> Environments:
    """The environments to look at a workflow with: the chosen one, else all beside it. Raises UsageError."""
    path = _path(file, choice)
    if path is not None:
        return environment.Environments(read(path))
    return environment.Environments(others=tuple(read(only[0]) for only in beside(file).values()))


def needed(file: Path, found: Environment | None) -> Environments:
    """The same for a run: what no environment gives is an error."""
    others = () if found is not None else around(file, Choice()).others
    return environment.Environments(found, others, needed=True)


def read(path: Path, text: str | None = None) -> Environment:
    """Read one, whatever is wrong with it. Raises UsageError where it cannot be read. `text` is what it would hold."""
    return environment.read(read_text(path) if text is None else text, str(path), path.stem)


def overlay_of(found: Environment | None) -> Overlay | None:
    """What it says of settings."""
    if found is None or found.model is None:
        return None
    return Overlay(Path(found.file).absolute(), found.model.settings())


def remembered(found: Environment | None) -> Mapping[str, Json]:
    """What a run keeps of its environment beside what is in the plan: where its Orchestrator is."""
    overlay = overlay_of(found)
    if found is None or overlay is None:
        return {}
    return {"environment": {"name": found.name, "file": str(overlay.path), "settings": dict(overlay.values)}}


def remembered_context(settings: Settings) -> Mapping[str, Json]:
    """What a run keeps of its context: the name, if somebody chose it. What it says is looked up anew."""
    return {"context": settings.context.name} if settings.context.chosen else {}


def recalled(origin: Mapping[str, Json]) -> Overlay | None:
    """The same again, from what a run has kept: the file may be another by now, or gone."""
    kept, context = origin.get("environment"), origin.get("context")
    around = {"context": context} if isinstance(context, str) else {}
    if isinstance(kept, Mapping):
        return Overlay(Path(kept["file"]), {**kept["settings"], **around})
    return Overlay(Path(_RECORD), around, f"{_RECORD}: ") if around else None


def bound_for(settings: Settings, found: Environment | None) -> Context:
    """Where a run with this environment would go. Raises UsageError where that is contradictory."""
    return settings.within(overlay_of(found), connected=False).context


def present(origin: Mapping[str, Json]) -> Environment | None:
    """The environment of a run as its file is now. Raises as `chosen` does."""
    kept = origin.get("environment")
    return chosen(Path(kept["file"]), Choice(file=Path(kept["file"]))) if isinstance(kept, Mapping) else None


def _path(file: Path, choice: Choice) -> Path | None:
    if choice.file is not None:
        return choice.file
    if choice.name is None:
        return None
    there = beside(file)
    found = there.get(choice.name, [])
    if len(found) > 1:
        both = " and ".join(str(path) for path in found)
        raise UsageError(f"{both} are both the environment {choice.name}", hint="Keep one of the two.")
    if found:
        return found[0]
    folder = file.parent / environment.FOLDER
    raise UsageError(
        f"there is no environment {choice.name} in {folder} ({choice.source})", hint=_instead(choice.name, there)
    )


def _instead(name: str, there: Mapping[str, list[Path]]) -> str:
    near = nearest(name.removesuffix(".yaml").removesuffix(".yml"), there)
    if near:
        return f'Did you mean "{near}"?'
    if there:
        return f"There are: {', '.join(there)}."
    return "There are none: write the file, or name one that lies elsewhere with --env-file."
