"""The JSON Schema of an environment's file, for editors: draft-07, every key described."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flowrun.core.plan import Json
from flowrun.spec.environment import EnvironmentModel
from flowrun.spec.schema import whole_schema


def schema() -> Mapping[str, Json]:
    """The schema as plain JSON."""
    return whole_schema(EnvironmentModel, "environment", "What a workflow is given at one place and not at another.")


def text() -> str:
    """The schema as it stands in `schemas/environment.schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
