"""What the folder of a run says of how it was begun, and what a run is given for that."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

State = Literal["running", "done"]


@dataclass(frozen=True)
class Begun:
    """What a run's folder says of how it was begun.

    Attributes:
        state: "running" until it is finished, also while nobody is at work on it.
        of: text that is equal only for trainings that can go on from each other's checkpoints; ""
            of one that was announced and has not looked at its pictures yet.
        begun: UTC, ISO 8601.
        command: what was typed.
        precision: it computes in.
    """

    state: State
    of: str
    begun: str
    command: str
    precision: str


class Told(Protocol):
    """What a run is given: a dataclass with what Begun says, its state apart."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def of(self) -> str: ...

    @property
    def begun(self) -> str: ...

    @property
    def command(self) -> str: ...

    @property
    def precision(self) -> str: ...


class Outcome(Protocol):
    """What came of a run: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
