from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from flowrun.core import events
from flowrun.core.events import EVENTS, Event


def test_the_list_and_the_union_name_the_same_events() -> None:
    assert set(EVENTS) == set(get_args(Event))
    assert len(set(EVENTS)) == len(EVENTS)


def test_no_event_is_left_out_of_the_list() -> None:
    made = {value for value in vars(events).values() if isinstance(value, type) and value.__module__ == events.__name__}
    assert made - {events.Kept, events.Leg} == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_frozen_and_says_when(event: type[Event]) -> None:
    assert vars(event)["__dataclass_params__"].frozen
    assert dataclasses.fields(event)[0].name == "at"
