"""The search attributes, on a real server."""

from __future__ import annotations

import asyncio
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from flowrun.cli.exit import ExitCode, of_error
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
        told = attributes.denied(client, await attributes.missing(client) or ())
        words = (told.hint or "").partition("temporal operator ")[2]
        typed = [server.binary(), "operator", *shlex.split(words)]
        typing = await asyncio.create_subprocess_exec(*typed, env={"HOME": str(tmp_path)}, stdout=DEVNULL, stderr=PIPE)
        assert (await typing.communicate())[1] == b""
        assert await attributes.missing(client) == ()


async def test_a_namespace_that_is_not_there_is_said(temporal: Server) -> None:
    client = await Client.connect(temporal.address, namespace="nope")
    with pytest.raises(TemporalDenied, match="has no namespace nope"):
        await attributes.ensure(client)


class Refusing:
    """A server's operator service for somebody who may not use it: there is none of that kind on one machine."""

    def __init__(self, client: Client, *calls: str, status: RPCStatusCode = RPCStatusCode.PERMISSION_DENIED) -> None:
        self._real, self._calls, self._status = client.operator_service, calls, status

    def __getattr__(self, name: str) -> Any:
        return self._refuse if name in self._calls else getattr(self._real, name)

    async def _refuse(self, _request: object) -> None:
        raise RPCError("Request unauthorized.", self._status, b"")


async def test_who_may_not_register_them_is_told_what_somebody_else_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, attributes=server.ATTRIBUTES[1:]) as bare:
        client = await Client.connect(bare.address)
        refusing = Refusing(client, "add_search_attributes")
        monkeypatch.setattr(Client, "operator_service", property(lambda _: refusing))
        with pytest.raises(TemporalDenied, match="lacks the search attributes FlowrunRun, and we may not") as caught:
            await attributes.ensure(client)
    assert str(caught.value.hint).endswith("--namespace default --name FlowrunRun --type Keyword")
    assert of_error(caught.value) == ExitCode.NOT_SIGNED_IN


@pytest.mark.parametrize("status", [RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED])
async def test_who_may_not_look_goes_on(
    temporal: Server, monkeypatch: pytest.MonkeyPatch, status: RPCStatusCode
) -> None:
    client = await Client.connect(temporal.address)
    refusing = Refusing(client, "list_search_attributes", "add_search_attributes", status=status)
    monkeypatch.setattr(Client, "operator_service", property(lambda _: refusing))
    assert await attributes.ensure(client) == ()
    assert await attributes.missing(client) is None
