"""Write answers as lines of NDJSON; what every form of output does."""

from __future__ import annotations

from typing import Protocol

import orjson

from app.engine.results import Calculation
from app.services.calculation.calculator import Calculator
from app.services.calculation.request import ResolvedRequest
from app.services.problems import Problem


class Answers(Protocol):
    """Collects the answers of one block."""

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Write the answer to one input line."""

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Write the problem of an input line that cannot be answered."""


class Output(Answers, Protocol):
    """Collects the answers of one block in an output format."""

    def take(self) -> bytes:
        """Return what was written since the last call."""


class NdjsonOutput:
    """Lines of NDJSON: an answer as the HTTP call returns it, or the line number with its problem."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator
        self._lines: list[bytes] = []

    def take(self) -> bytes:
        """Return what was written since the last call."""
        lines, self._lines = self._lines, []
        return b"".join(lines)

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Write one line for an input line that cannot be answered."""
        values = {"line": number, "reference": reference, "problem": problem.as_json()}
        self._lines.append(orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE))

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Write one line. Its place in the output is the number of its input line."""
        del number
        self._lines.append(self._calculator.serialize(request, result) + b"\n")
