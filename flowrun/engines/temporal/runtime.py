"""The part of Temporal's library that is no Python: one for each way in which this process uses it."""

from __future__ import annotations

import logging
from enum import StrEnum
from functools import cache

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
)

from flowrun.errors import UsageError

_HEARD = "error,temporalio_client=warn"
"""That the server does not answer; what fails in the work itself is told by its other half, with the reason."""

LOGGER = "temporalio"
"""Where it says what a worker meets."""


class Kind(StrEnum):
    """What the process is: one that asks, which raises what it meets; or one that stays, which says it and goes on."""

    CLIENT = "client"
    WORKER = "worker"


@cache
def runtime(kind: Kind, metrics: str | None = None) -> Runtime:
    """The one of this process. Never the library's own, which writes to stdout: that is where data goes.

    `metrics`: host and port at which Prometheus finds them. Raises UsageError where nobody can listen there.
    """
    forwarding = LogForwardingConfig(
        logging.getLogger(LOGGER),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    said = LoggingConfig(_HEARD, forwarding)
    telemetry = TelemetryConfig(
        logging=said if kind is Kind.WORKER else None,
        metrics=None if metrics is None else PrometheusConfig(metrics, durations_as_seconds=True, unit_suffix=True),
    )
    try:
        return Runtime(telemetry=telemetry)
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"metrics cannot be shown at {metrics}: {error}", hint="Such as 127.0.0.1:9464.") from error
