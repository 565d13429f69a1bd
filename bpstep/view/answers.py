"""Answers as lines of text: what a command found, in the learner's digits and notation.

One function a kind of answer; the screen, the prompt and the replay of scripts all print these lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpstep.debugger.answers import (
    AllPaths,
    Answer,
    Facts,
    Moved,
    Quit,
    Said,
    Show,
    Stopped,
    Stops,
    Value,
    Why,
)
from bpstep.debugger.session import Session
from bpstep.view.formula import kind_of
from bpstep.view.numbers import NumberFormat, group
from bpstep.view.why import info_lines, path_lines, why_lines

__all__ = ["answer_lines"]

Lines = list[tuple[str, str]]


def answer_lines(session: Session, answer: Answer, width: int = 84) -> Lines:
    """An answer as lines of (text, role), in at most ``width`` columns where that matters."""
    if isinstance(answer, Why):
        return why_lines(session, answer.tree, width)
    return _ANSWERS[type(answer)](session, answer)


def _value(session: Session, answer: Value) -> Lines:
    numbers = NumberFormat(max(6, session.options.digits))
    reading = answer.reading
    kind = kind_of(reading.cell) if reading is not None else "value"
    text = f"{answer.text} = {numbers.show(kind, answer.value).strip()}"
    if reading is None:
        return [(text, "text")]
    part = f", {reading.part[0]} of {reading.part[1]}" if reading.part is not None else ""
    return [(f"{text}   ({reading.state}{part})", "text")]


def _moved(session: Session, answer: Moved) -> Lines:
    why = f": {answer.why}" if answer.why else ""
    return [(f"step {group(answer.position)} of {group(session.length)}{why}", "dim")]


def _said(session: Session, answer: Said) -> Lines:
    return [(line, "text") for line in answer.text.split("\n")]


def _stopped(session: Session, answer: Stopped) -> Lines:
    return [(f"stop {answer.number}: {answer.text}", "text")]


def _stops(session: Session, answer: Stops) -> Lines:
    return [(f"{number:>3}  {text}", "text") for number, text in answer.rows] or [
        ("there are no stops", "dim")
    ]


def _nothing(session: Session, answer: Answer) -> Lines:
    return []


_ANSWERS: dict[type[Answer], Callable[[Session, Any], Lines]] = {
    Value: _value,
    Moved: _moved,
    Said: _said,
    Stopped: _stopped,
    Stops: _stops,
    Facts: lambda session, answer: info_lines(session, answer.info),
    AllPaths: lambda session, answer: path_lines(session, answer.paths),
    Show: _nothing,
    Quit: _nothing,
}
