"""The one shape of every error."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong.

    Attributes:
        code: for programs.
        message: for people: the cause and the cure.
    """

    code: str
    message: str


@dataclass(frozen=True)
class Error:
    """The body of every answer that is an error."""

    error: Problem
