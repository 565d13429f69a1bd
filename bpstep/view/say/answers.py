"""Answers as lines of text: what a command found, in the learner's digits and notation.

One function a kind of answer; the screen, the prompt and the replay of scripts all print these lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpstep.debugger.answers import (
    AllPaths,
    Answer,
    Asked,
    Branches,
    Checked,
    Compared,
    Derived,
    ExercisePath,
    Facts,
    Graded,
    Hand,
    Held,
    Moved,
    Notations,
    Play,
    Quit,
    Said,
    Show,
    Stopped,
    Stops,
    Table,
    TwoPaths,
    Value,
    Why,
)
from bpstep.debugger.session import Session
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.panes.compare import LEAST_DIGITS, check_lines, diff_lines
from bpstep.view.panes.folds import fold_lines
from bpstep.view.panes.found import report_rows
from bpstep.view.panes.hole import hole_line
from bpstep.view.panes.paths import hand_lines, tail_lines
from bpstep.view.panes.why import why_lines
from bpstep.view.say.tables import table_lines
from bpstep.view.scene.yours import Yours, told
from bpstep.view.symbols.formula import kind_of
from bpstep.view.words.derivation import derivation_lines
from bpstep.view.words.info import info_lines
from bpstep.view.words.notation import notation_lines

__all__ = ["answer_lines"]

Lines = list[tuple[str, str]]


def answer_lines(session: Session, answer: Answer, width: int = 84) -> Lines:
    """An answer as lines of (text, role), in at most ``width`` columns where that matters."""
    if isinstance(answer, Why):
        return why_lines(session, answer.tree, width)
    if isinstance(answer, Table):
        return table_lines(session, answer, width)
    if isinstance(answer, Derived):
        return derivation_lines(session, answer, width)
    return _ANSWERS[type(answer)](session, answer)


def _value(session: Session, answer: Value) -> Lines:
    numbers = NumberFormat(max(6, session.options.digits))
    reading = answer.reading
    kind = kind_of(reading.cell) if reading is not None else "value"
    count = reading is not None and reading.cell.kind in ("step", "epoch", "sample", "update")
    shown = group(int(answer.value)) if count else numbers.show(kind, answer.value).strip()
    text = f"{answer.text} = {shown}"
    if reading is None:
        return [(text, "text")]
    part = f", {reading.part[0]} of {reading.part[1]}" if reading.part is not None else ""
    mark = Yours(session.moment, session.marks).of(reading)
    beside: Lines = [] if mark is None else [(told(kind, mark, numbers), "text" if mark.agrees else "alarm")]
    return [(f"{text}   ({reading.state}{part})", "text"), *beside]


def _moved(session: Session, answer: Moved) -> Lines:
    why = f": {answer.why}" if answer.why else ""
    where = (f"step {group(answer.position)} of {group(session.length)}{why}", "dim")
    return [*((f"warning: {warning}", "alarm") for warning in answer.warnings), where]


def _said(session: Session, answer: Said) -> Lines:
    return [(line, "text") for line in answer.text.split("\n")]


def _stopped(session: Session, answer: Stopped) -> Lines:
    return [(f"stop {answer.number}: {answer.text}", "text")]


def _stops(session: Session, answer: Stops) -> Lines:
    return [(f"{number:>3}  {text}", "text") for number, text in answer.rows] or [
        ("there are no stops", "dim")
    ]


def _compared(session: Session, answer: Compared) -> Lines:
    if answer.comparison is None:
        return [("nothing stands beside the right rule any more", "dim")]
    return diff_lines(session, answer.comparison, max(LEAST_DIGITS, session.options.digits))


def _branches(session: Session, answer: Branches) -> Lines:
    numbers = NumberFormat(session.options.digits)
    lines: Lines = [("  run               epochs   first loss    last loss   changed by hand", "dim")]
    for row in answer.rows:
        losses = f"{numbers.value(row.first_loss).strip():<12}  {numbers.value(row.last_loss).strip():<10}"
        mark = "▶" if row.is_now else " "
        text = f"{mark} {row.name:<16} {group(row.epochs):>7}   {losses}  {'; '.join(row.edits) or '·'}"
        lines.append((text, "strong" if row.is_now else "text"))
    return lines


def _graded(session: Session, answer: Graded) -> Lines:
    right = answer.verdict in ("correct", "carried-forward")
    word = {"correct": "right", "carried-forward": "right, carried forward", "wrong": "not right",
            "not-graded": "looked at, no answer yet" if answer.echo else "not graded"}[answer.verdict]  # fmt: skip
    says = [text for text in answer.says if text != "right"]
    tries = f"   try {answer.tries}" if answer.tries > 1 else ""
    lines: Lines = [(f"{answer.echo}   {word}{tries}".strip(), "strong" if right else "alarm")]
    lines += [(f"  × {text}" if answer.verdict == "wrong" else f"  {text}", "text") for text in says]
    if answer.hole is not None:
        lines.insert(2, (f"    {hole_line(session, answer.hole)}", "dim"))
    lines += [(f"  {text}", "text") for text in answer.after]
    return [*lines, *_then(answer.then)]


def _asked(session: Session, answer: Asked) -> Lines:
    return [*((line, "text") for line in answer.lines), *_then(answer.then)]


def _then(lines: tuple[str, ...]) -> Lines:
    """What is asked next: never on the heels of what came of the last question."""
    return [("", "text"), *((line, "text") for line in lines)] if lines else []


def _path(session: Session, answer: ExercisePath) -> Lines:
    from bpstep.view.panes.questions import offer_lines, path_lines  # with all kinds of exercises

    return [*path_lines(answer), ("", "text"), *offer_lines(answer)]


def _nothing(session: Session, answer: Answer) -> Lines:
    return []


_ANSWERS: dict[type[Answer], Callable[[Session, Any], Lines]] = {
    Value: _value,
    Moved: _moved,
    Said: _said,
    Stopped: _stopped,
    Stops: _stops,
    Facts: lambda session, answer: info_lines(session, answer.info),
    TwoPaths: lambda session, answer: tail_lines(session, answer.tails),
    Hand: lambda session, answer: hand_lines(session, answer.hand, answer.folded),
    Checked: lambda session, answer: check_lines(answer.rows, max(LEAST_DIGITS, session.options.digits)),
    Compared: _compared,
    Held: lambda session, answer: report_rows(answer.report),
    AllPaths: lambda session, answer: fold_lines(session, answer.folded),
    Branches: _branches,
    Notations: lambda session, answer: notation_lines(session, answer.names),
    Asked: _asked,
    ExercisePath: _path,
    Graded: _graded,
    Play: lambda session, answer: [("playing is for the screen; step N goes on by N steps here", "dim")],
    Show: _nothing,
    Quit: _nothing,
}
