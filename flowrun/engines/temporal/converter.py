"""The data converter: what values become, on the way to Temporal's store.

In this order: a value becomes JSON, the codec compresses it and encrypts it, and what is still large goes to the store.
"""

from __future__ import annotations

from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
)

from flowrun.engines.temporal.codec import Codec
from flowrun.engines.temporal.payloads import Payloads
from flowrun.engines.temporal.store import storage
from flowrun.settings import Temporal


def converter(temporal: Temporal) -> DataConverter:
    """For clients and workers of this server. With a key, messages and stacks of failures are encrypted, too."""
    keys = temporal.codec_keys
    return DataConverter(
        payload_converter_class=Payloads,
        payload_codec=Codec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes if keys else DefaultFailureConverter,
        external_storage=storage(temporal.store),
    )
