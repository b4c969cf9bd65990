"""The search attributes, on a real server."""

from __future__ import annotations

import asyncio
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client

from flowrun.engines.temporal import attributes
from flowrun.errors import TemporalDenied
from tests.temporal import server
from tests.temporal.server import Server, serving


async def test_a_namespace_that_has_them_is_left_as_it_is(temporal: Server) -> None:
    client = await Client.connect(temporal.address)
    assert await attributes.missing(client) == ()
    assert await attributes.ensure(client) == ()


async def test_what_is_missing_is_registered(tmp_path: Path) -> None:
    with serving(tmp_path, attributes=("FlowrunRun",)) as bare:
        client = await Client.connect(bare.address)
        lacking = tuple(name for name in server.ATTRIBUTES if name != "FlowrunRun")
        assert await attributes.ensure(client) == lacking
        assert await attributes.missing(client) == ()
        known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
        assert set(server.ATTRIBUTES) <= set(known.custom_attributes)


async def test_one_of_another_type_is_said(tmp_path: Path) -> None:
    with serving(tmp_path, attributes=()) as bare:
        client = await Client.connect(bare.address)
        wrong = {"FlowrunRun": IndexedValueType.INDEXED_VALUE_TYPE_INT}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=wrong)
        )
        with pytest.raises(TemporalDenied, match="FlowrunRun of the namespace default is of type Int, not Keyword"):
            await attributes.ensure(client)


async def test_the_command_that_is_told_is_one_that_works(tmp_path: Path) -> None:
    with serving(tmp_path, attributes=()) as bare:
        client = await Client.connect(bare.address)
        told = attributes.denied(client, await attributes.missing(client))
        words = (told.hint or "").partition("temporal operator ")[2]
        typed = [server.binary(), "operator", *shlex.split(words)]
        typing = await asyncio.create_subprocess_exec(*typed, env={"HOME": str(tmp_path)}, stdout=DEVNULL, stderr=PIPE)
        assert (await typing.communicate())[1] == b""
        assert await attributes.missing(client) == ()


async def test_a_namespace_that_is_not_there_is_said(temporal: Server) -> None:
    client = await Client.connect(temporal.address, namespace="nope")
    with pytest.raises(TemporalDenied, match="has no namespace nope"):
        await attributes.ensure(client)
