"""What all words of `emulator.yaml` have in common: unknown keys and other types are refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Guid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Identifier = Annotated[int, Field(ge=1, le=2**53)]


def wrong(message: str) -> PydanticCustomError:
    """The error of a value that is not possible."""
    return PydanticCustomError("catalog", message)


class Words(BaseModel):
    """A map in the file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
