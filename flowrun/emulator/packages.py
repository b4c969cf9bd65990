"""Coded automations: a folder with a `pyproject.toml` and a `uipath.json`, made into the nupkg that a robot downloads.

A robot keeps what it has downloaded under id and version, and never asks again. So the version that it is told ends
with a digest of the content (`1.0.0-3f9c2a1b`): an edited folder is another package, and the same folder is the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from flowrun.emulator.entities import Json, Package

SIZE_LIMIT = 32 * 1024 * 1024
"""Bytes of all files of a folder."""
KEPT = 64
"""Packages that stay in memory for download, the last ones built."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,99})")
_LEFT_OUT = frozenset({"__pycache__", "__uipath", "__runtime"})
_MOMENT = (1980, 1, 1, 0, 0, 0)
_NUSPEC = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>{id}</id>
    <version>{version}</version>
    <description>{description}</description>
    <authors>{authors}</authors>
  </metadata>
</package>
"""


class PackageError(Exception):
    """A folder that is no package. The text says what is missing in it."""


@dataclass(frozen=True, slots=True)
class Built:
    """A package as a robot gets it. `entry_point` is a function's name in `uipath.json`."""

    id: str
    version: str
    entry_point: str
    content: bytes


class Packages:
    """Those that were built, by `id:version`."""

    def __init__(self) -> None:
        self._built: dict[str, Built] = {}

    def build(self, package: Package) -> Built:
        """Make one from its folder as it is now. Raises PackageError."""
        built = build(package)
        key = f"{built.id}:{built.version}"
        self._built.pop(key, None)
        self._built[key] = built
        while len(self._built) > KEPT:
            del self._built[next(iter(self._built))]
        return built

    def find(self, key: str) -> Built | None:
        """By `id:version`."""
        return self._built.get(key)


def check(package: Package) -> None:
    """Raise PackageError where a folder cannot be built."""
    _project(package.folder)
    _entry_point(package)


def build(package: Package) -> Built:
    """The zip: `content/…` with the folder's files, and a nuspec beside it. Raises PackageError."""
    project = _project(package.folder)
    entry_point = _entry_point(package)
    try:
        files = {str(path.relative_to(package.folder)): path.read_bytes() for path in _files(package.folder)}
    except OSError as error:
        raise PackageError(f"the package {package.folder} cannot be read: {error.strerror}") from None
    digest = hashlib.sha256()
    for name, data in files.items():
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    version = f"{project['version']}-{digest.hexdigest()[:8]}"
    inside = {f"content/{name}": data for name, data in files.items()}
    inside[f"{project['name']}.nuspec"] = _nuspec(project, version).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in inside.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED)
    return Built(project["name"], version, entry_point, buffer.getvalue())


def _project(folder: Path) -> dict[str, Json]:
    """The `[project]` table, with a name and a version that can stand in an address and a file name."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project")
    except OSError:
        raise PackageError(f"the package {folder} has no pyproject.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackageError(f"the pyproject.toml of the package {folder} cannot be read: {error}") from None
    if not isinstance(project, dict):
        raise PackageError(f"the pyproject.toml of the package {folder} has no [project] table")
    for key in ("name", "version"):
        if not isinstance(project.get(key), str) or not _NAME.fullmatch(project[key]):
            raise PackageError(f'the pyproject.toml of the package {folder} needs a {key} such as "1.0.0" in [project]')
    return project


def _entry_point(package: Package) -> str:
    """The one that the catalog names, else the first function of `uipath.json`."""
    try:
        words = json.loads((package.folder / "uipath.json").read_text(encoding="utf-8"))
    except OSError:
        raise PackageError(f"the package {package.folder} has no uipath.json") from None
    except ValueError:
        raise PackageError(f"the uipath.json of the package {package.folder} is not JSON") from None
    functions = words.get("functions") if isinstance(words, dict) else None
    if not isinstance(functions, dict) or not functions:
        raise PackageError(
            f"the uipath.json of the package {package.folder} declares no function: "
            '{"functions": {"main": "main.py:main"}}'
        )
    if package.entry_point is not None and package.entry_point not in functions:
        raise PackageError(
            f"the package {package.folder} has no entry point {package.entry_point}; it has {', '.join(functions)}"
        )
    return package.entry_point or next(iter(functions))


def _files(folder: Path) -> Iterator[Path]:
    """Its files in order, without links, and without what tools leave there. Raises PackageError."""
    size = 0
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_symlink() or not path.is_file() or any(_is_left_out(part) for part in parts):
            continue
        size += path.stat().st_size
        if size > SIZE_LIMIT:
            raise PackageError(f"the package {folder} has more than {SIZE_LIMIT // 2**20} MiB of files")
        yield path


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in _LEFT_OUT


def _nuspec(project: dict[str, Json], version: str) -> str:
    authors = [str(one.get("name", "")) for one in project.get("authors", ()) if isinstance(one, dict)]
    return _NUSPEC.format(
        id=escape(project["name"]),
        version=escape(version),
        description=escape(str(project.get("description", project["name"]))),
        authors=escape(", ".join(name for name in authors if name) or "unknown"),
    )
