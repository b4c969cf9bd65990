from __future__ import annotations

from typing import Any

import pytest

from flowrun.emulator.entities import Folder, Robot
from flowrun.emulator.listing import page
from flowrun.emulator.properties import ROBOT
from flowrun.emulator.query import QueryError

FOLDER = Folder(1, "f", "Shared")
ROBOTS = [Robot(1, "b", FOLDER, "m1"), Robot(2, "a", FOLDER, "m2"), Robot(3, "c", FOLDER, "m1")]


def ids(**query: str) -> list[int]:
    answer = page(ROBOTS, {f"${name}": value for name, value in query.items()}, ROBOT)
    return [item["Id"] for item in answer["value"]]


def test_order_skip_and_top() -> None:
    assert ids(orderby="Name") == [2, 1, 3]
    assert ids(orderby="name desc") == [3, 1, 2]
    assert ids(orderby="MachineName,Id desc") == [3, 1, 2]
    assert ids(orderby="Name", skip="1", top="1") == [1]
    assert ids(top="0") == []


def test_count_is_of_all_and_only_on_request() -> None:
    assert page(ROBOTS, {"$count": "true", "$top": "1"}, ROBOT)["@odata.count"] == 3
    assert "@odata.count" not in page(ROBOTS, {"$count": "false"}, ROBOT)


def test_select_in_any_case() -> None:
    answer = page(ROBOTS, {"$select": "id, Name"}, ROBOT)["value"][0]
    assert answer == {"Id": 1, "Name": "b"}


@pytest.mark.parametrize(
    "query",
    [
        {"$top": "1001"},
        {"$top": "-1"},
        {"$skip": "x"},
        {"$orderby": "Nope"},
        {"$orderby": "Name sideways"},
        {"$orderby": "Id,Id,Id,Id,Id,Id"},
        {"$select": "Nope"},
        {"$expand": "Nope"},
        {"$search": "x"},
    ],
)
def test_what_the_server_refuses(query: dict[str, Any]) -> None:
    with pytest.raises(QueryError):
        page(ROBOTS, query, ROBOT)


def test_other_parameters_are_none_of_odatas_business() -> None:
    assert len(page(ROBOTS, {"mandatoryPermissions": "x"}, ROBOT)["value"]) == 3
