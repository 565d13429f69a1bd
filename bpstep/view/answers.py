"""Answers as lines of text: what a command found, in the learner's digits."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Moved, Said, Value
from bpstep.debugger.session import Session
from bpstep.view.formula import kind_of
from bpstep.view.numbers import NumberFormat

__all__ = ["answer_lines"]


def answer_lines(session: Session, answer: Answer) -> list[tuple[str, str]]:
    """An answer as lines of (text, role)."""
    if isinstance(answer, Value):
        return [(_value(session, answer), "text")]
    if isinstance(answer, Said):
        return [(line, "text") for line in answer.text.split("\n")]
    if isinstance(answer, Moved):
        return [(f"step {answer.position}" + (f": {answer.why}" if answer.why else ""), "dim")]
    return []


def _value(session: Session, answer: Value) -> str:
    numbers = NumberFormat(max(6, session.options.digits))
    reading = answer.reading
    kind = kind_of(reading.cell) if reading is not None else "value"
    text = f"{answer.text} = {numbers.show(kind, answer.value).strip()}"
    if reading is None:
        return text
    part = f", {reading.part[0]} of {reading.part[1]}" if reading.part is not None else ""
    return f"{text}   ({reading.state}{part})"
