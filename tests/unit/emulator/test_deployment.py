from __future__ import annotations

from pathlib import Path

from flowrun.emulator.deployment import CatalogWords, Deployer, Deployment
from flowrun.emulator.entities import Builtin, FolderKind, Json, Trick


def deploy(folder: Path, words: Json) -> Deployment:
    deployer = Deployer(folder, 0.0)
    deployment = deployer.deploy(CatalogWords.model_validate(words))
    assert deployer.clashes == []
    return deployment


def test_keys_and_ids_are_the_same_on_every_start(tmp_path: Path) -> None:
    words = {"robots": 2, "releases": {"A": ["a"], "B": ["b"]}}
    first, second = deploy(tmp_path, words), deploy(tmp_path, words)
    assert first == second
    assert len({release.key for release in first.releases}) == 2


def test_given_ids_and_keys_are_kept_and_the_others_go_around_them(tmp_path: Path) -> None:
    key = "795CBAB2-8008-4A54-B1CB-F9FF1ECE139E"
    words = {"robots": [{"name": "A"}, {"name": "B", "id": 1}], "releases": {"X": {"command": ["x"], "key": key}}}
    deployment = deploy(tmp_path, words)
    assert [robot.id for robot in deployment.robots] == [2, 1]
    assert deployment.releases[0].key == key.lower()


def test_one_name_in_two_folders_is_two_releases(tmp_path: Path) -> None:
    words = {
        "folders": {
            "Finance": {"id": 40, "kind": "classic", "robots": ["R"], "releases": {"X": ["x"]}},
            "Finance/Close": {"robots": ["R"], "releases": {"X": ["x"]}},
        }
    }
    deployment = deploy(tmp_path, words)
    above, below = deployment.folders
    assert (above.id, above.kind, below.parent_id, below.name) == (40, FolderKind.CLASSIC, 40, "Close")
    assert len({release.key for release in deployment.releases}) == 2
    assert [robot.folder for robot in deployment.robots] == [above, below]


def test_builtins_and_short_forms_of_arguments(tmp_path: Path) -> None:
    release = deploy(
        tmp_path,
        {"releases": {"S": {"builtin": "sleep", "seconds": 2, "input": {"a": "string", "b": {"default": None}}}}},
    ).releases[0]
    assert release.run == Trick(Builtin.SLEEP, 2.0)
    assert release.inputs is not None
    assert [(item.name, item.type, item.has_default) for item in release.inputs] == [
        ("a", "string", False),
        ("b", "any", True),
    ]
    assert release.outputs is None


def test_keys_that_begin_with_x_are_the_authors_own(tmp_path: Path) -> None:
    assert deploy(tmp_path, {"x-notes": [1], "releases": {"A": ["a"]}}).releases[0].name == "A"
