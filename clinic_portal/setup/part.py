"""What the parts of a clinic file share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class ClinicFileError(Exception):
    """The file cannot be loaded; `faults` are sentences, each naming the thing."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Part(BaseModel):
    """A part: nothing unknown in it, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def path(where: tuple[int | str, ...]) -> str:
    """Where in the file something stands, counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where) or "the file"
