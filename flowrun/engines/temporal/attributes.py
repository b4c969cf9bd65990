"""The search attributes of runs: what Temporal, and whoever looks at its pages, finds runs by."""

from __future__ import annotations

import shlex

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from flowrun.engines.temporal.faults import answering
from flowrun.errors import TemporalDenied

RUN = SearchAttributeKey.for_keyword("FlowrunRun")
WORKFLOW = SearchAttributeKey.for_keyword("FlowrunWorkflow")
STATUS = SearchAttributeKey.for_keyword("FlowrunStatus")
PARENT = SearchAttributeKey.for_keyword("FlowrunParent")
KEY = SearchAttributeKey.for_keyword("FlowrunKey")
GROUP = SearchAttributeKey.for_keyword("FlowrunGroup")

ATTRIBUTES = (RUN, WORKFLOW, STATUS, PARENT, KEY, GROUP)
"""All that a namespace must know before runs can be begun in it; each of the type Keyword."""

_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
_NOT_FOR_US = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED)


async def missing(client: Client) -> tuple[str, ...] | None:
    """Those that the namespace does not have. Raises TemporalError; TemporalDenied for one that is of another type.

    None where we may not look, as may be with a key that is for one namespace: what is missing then shows when it is
    used.
    """
    request = ListSearchAttributesRequest(namespace=client.namespace)
    with answering(client):
        try:
            known = await client.operator_service.list_search_attributes(request)
        except RPCError as error:
            if error.status in _NOT_FOR_US:
                return None
            raise
    types = {**known.system_attributes, **known.custom_attributes}
    for key in ATTRIBUTES:
        if types.get(key.name, _KEYWORD) != _KEYWORD:
            name = IndexedValueType.Name(types[key.name]).removeprefix("INDEXED_VALUE_TYPE_").capitalize()
            raise TemporalDenied(
                f"the search attribute {key.name} of the namespace {client.namespace} is of type {name}, not Keyword",
                hint=f"Take it away, or use another namespace; then: {command(client, (key.name,))}",
            )
    return tuple(key.name for key in ATTRIBUTES if key.name not in types)


async def ensure(client: Client) -> tuple[str, ...]:
    """Have the namespace know all of them; those that it did not know. Raises TemporalError.

    Where we may not do that, TemporalDenied has the command for somebody who may.
    """
    lacking = await missing(client)
    if not lacking:
        return ()
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=dict.fromkeys(lacking, _KEYWORD))
    with answering(client):
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            if error.status == RPCStatusCode.ALREADY_EXISTS:
                return lacking  # by somebody who was there a moment before us
            if error.status in _NOT_FOR_US:
                raise denied(client, lacking) from error
            raise
    return lacking


def denied(client: Client, lacking: tuple[str, ...]) -> TemporalDenied:
    """That these are missing, with the command that brings them."""
    text = f"the namespace {client.namespace} lacks the search attributes {', '.join(lacking)}, and we may not add them"
    return TemporalDenied(text, hint=f"Somebody who may: {command(client, lacking)}")


def command(client: Client, names: tuple[str, ...]) -> str:
    """What somebody types who may register these."""
    address = client.service_client.config.target_host
    words = ["temporal", "operator", "search-attribute", "create", "--address", address]
    words += ["--namespace", client.namespace]
    return shlex.join([*words, *(word for name in names for word in ("--name", name, "--type", "Keyword"))])
