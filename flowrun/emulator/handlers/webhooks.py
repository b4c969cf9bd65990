"""Webhooks: made, changed, tried and deleted (API facts 7.3)."""

from __future__ import annotations

from dataclasses import replace

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply, folded
from flowrun.emulator.entities import Json
from flowrun.emulator.handlers import reading
from flowrun.emulator.handlers.starting import invalid
from flowrun.emulator.properties import WEBHOOK
from flowrun.emulator.webhooks import EVENTS, Webhook, is_loopback

_TEXTS = {"name": 128, "description": 256, "url": 2000, "secret": 100}
_FLAGS = {"enabled": "enabled", "subscribetoallevents": "all_events", "allowinsecuressl": "insecure"}


def listed(call: Call) -> Reply:
    """`GET /odata/Webhooks`."""
    return reading.listed(call, WEBHOOK, call.tenant.webhooks.listed(), reading.filter_of(call, WEBHOOK))


def single(call: Call) -> Reply:
    """`GET /odata/Webhooks({id})`."""
    return reading.single(call, WEBHOOK, _found(call), "Webhook")


def create(call: Call) -> Reply:
    """`POST /odata/Webhooks`: 201, and a ping soon."""
    made = call.tenant.webhooks.add(_read(call.json(), Webhook(0, "", "", "", all_events=False)))
    call.tenant.deliveries.ping(made)
    return Reply(201, {"@odata.context": call.context("Webhooks/$entity"), **WEBHOOK.project(made)})


def update(call: Call) -> Reply:
    """`PUT` and `PATCH /odata/Webhooks({id})`: what is left out stays for a PATCH, and goes for a PUT."""
    old = _found(call)
    start = old if call.method == "PATCH" else Webhook(old.id, old.key, "", "", all_events=False)
    new = call.tenant.webhooks.put(_read(call.json(), start))
    call.tenant.deliveries.close_breaker(new)
    call.tenant.deliveries.ping(new)
    return Reply(200, {"@odata.context": call.context("Webhooks/$entity"), **WEBHOOK.project(new)})


def delete(call: Call) -> Reply:
    """`DELETE /odata/Webhooks({id})`: 204."""
    call.tenant.webhooks.remove(_found(call).id)
    return Reply(204)


def ping(call: Call) -> Reply:
    """`POST /odata/Webhooks({id})/….Ping`: 202. It is queued; that it arrives is not said."""
    return Reply(202, call.tenant.deliveries.ping(_found(call)), PLAIN_JSON)


def event_types(call: Call) -> Reply:
    """`GET /odata/Webhooks/….GetEventTypes`."""
    value = [{"Name": name, "Group": "job"} for name in EVENTS]
    return Reply(200, {"@odata.context": call.context("WebhookEventTypes"), "value": value})


def _found(call: Call) -> Webhook:
    webhook = call.tenant.webhooks.find(reading.number(call.key))
    if webhook is None:
        raise ApiError(404, 1002, "Webhook does not exist.")
    return webhook


def _read(body: dict[str, Json], start: Webhook) -> Webhook:
    """What a body says of a webhook, over what it was. Raises ApiError."""
    changes: dict[str, Json] = {}
    for name, limit in _TEXTS.items():
        if body.get(name) is None:
            continue
        if not isinstance(body[name], str) or len(body[name]) > limit:
            raise invalid(f"{name} is not a text of at most {limit} characters.")
        changes[name] = body[name]
    for name, ours in _FLAGS.items():
        if body.get(name) is None:
            continue
        if not isinstance(body[name], bool):
            raise invalid(f"{name} is neither true nor false.")
        changes[ours] = body[name]
    if body.get("events") is not None:
        changes["events"] = _events(body["events"])
    webhook = replace(start, **changes)
    if not webhook.name:
        raise invalid("name is missing.")
    if not is_loopback(webhook.url):
        raise invalid("url is not a loopback address: this emulator sends nothing to other machines.")
    return webhook


def _events(given: Json) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise invalid("events is not a list of objects.")
    names = tuple(str(folded(item).get("eventtype")) for item in given)
    unknown = sorted(set(names) - set(EVENTS))
    if unknown:
        raise invalid(f"there is no event {unknown[0]}; there are {', '.join(EVENTS)}.")
    return names
