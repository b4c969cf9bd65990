"""What every entity set has: a list with query options, and one entity by id."""

from __future__ import annotations

from collections.abc import Iterable

from flowrun.emulator import listing
from flowrun.emulator.call import ApiError, Call, Reply
from flowrun.emulator.entities import Json
from flowrun.emulator.listing import page, read_filter, shape
from flowrun.emulator.profile import Counts
from flowrun.emulator.properties import EntityType
from flowrun.emulator.query import Filter, QueryError


def refused(error: QueryError) -> ApiError:
    """A query option that cannot be read, as the server says it."""
    return ApiError(400, 1000, f"Invalid OData query options. {error}")


def filter_of(call: Call, entity: EntityType) -> Filter | None:
    """The `$filter` of a call. Raises ApiError."""
    try:
        return read_filter(call.query, entity.without(call.tenant.profile.unfilterable))
    except QueryError as error:
        raise refused(error) from None


def listed(call: Call, entity: EntityType, found: Iterable[Json], filter_: Filter | None) -> Reply:
    """A list. Raises ApiError."""
    profile = call.tenant.profile
    counted = profile.counts is Counts.ALWAYS
    try:
        answer = page(found, call.query, entity, filter_, whole=profile.list_arguments, counted=counted)
    except QueryError as error:
        raise refused(error) from None
    return Reply(200, {"@odata.context": call.context(entity.name), **answer})


def chosen(call: Call, entity: EntityType, found: Iterable[Json], filter_: Filter | None) -> list[Json]:
    """What an export holds. Raises ApiError."""
    try:
        return listing.chosen(found, call.query, entity, filter_)
    except QueryError as error:
        raise refused(error) from None


def single(call: Call, entity: EntityType, found: Json | None, name: str) -> Reply:
    """One entity, whole. Raises ApiError (1002) where there is none."""
    if found is None:
        raise ApiError(404, 1002, f"{name} does not exist.")
    try:
        form = shape(call.query, entity)
    except QueryError as error:
        raise refused(error) from None
    shown = entity.project(found, select=form.select, expand=form.expand)
    return Reply(200, {"@odata.context": call.context(f"{entity.name}/$entity"), **shown})


def number(text: str) -> int:
    """An id in brackets. Raises ApiError."""
    if not text.isdecimal() or len(text) > 18:  # noqa: PLR2004 - the digits of an int64
        raise ApiError(400, 1000, f"Invalid request! The key '{text}' is not a number.")
    return int(text)
