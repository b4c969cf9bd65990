"""What all words of `emulator.yaml` have in common: unknown keys and other types are refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


def wrong(message: str) -> PydanticCustomError:
    """The error of a value that is not possible."""
    return PydanticCustomError("catalog", message)


class Words(BaseModel):
    """A map in the file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
