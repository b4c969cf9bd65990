from __future__ import annotations

import pytest

from flowrun.emulator.scopes import allows


@pytest.mark.parametrize(
    ("scopes", "operation", "allowed"),
    [
        (None, "StartJobs", True),
        ({"OR.Default"}, "StartJobs", True),
        ({"OR.Jobs"}, "StartJobs", True),
        ({"OR.Jobs.Write"}, "StartJobs", True),
        ({"OR.Jobs.Read"}, "StartJobs", False),
        ({"OR.Jobs.Read"}, "Jobs", True),
        ({"OR.Jobs.Write"}, "Jobs", False),
        ({"OR.Jobs"}, "Releases", False),
        ({"OR.Execution.Read"}, "Releases", True),
        (set(), "GetFoldersForCurrentUser", True),
    ],
)
def test_scopes(scopes: set[str] | None, operation: str, allowed: bool) -> None:  # noqa: FBT001 - the case itself
    assert allows(None if scopes is None else frozenset(scopes), operation) is allowed
