"""The command `notation`: the letters of another book, or two books side by side."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Notations
from bpstep.debugger.arguments import Arguments, expect_no_more
from bpstep.debugger.command import Command
from bpstep.debugger.commands.changing import set_look
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.session import Session
from bpstep.scenario.notations import NOTATIONS

__all__ = ["NOTATION"]


def _notation(session: Session, arguments: Arguments) -> Answer:
    words = arguments.words
    if words and words[0][0] == "compare":
        return Notations(_compared(session, words[1:]))
    if words:
        expect_no_more(words[1:])
        return set_look(session, "notation", _known(*words[0]), words[0][1])
    return Notations(tuple(NOTATIONS))


def _compared(session: Session, words: list[tuple[str, int]]) -> tuple[str, ...]:
    """The notation in force beside the one that is named, two that are named, or beside all where none is."""
    expect_no_more(words[2:])
    named = tuple(_known(text, column) for text, column in words)
    now = session.options.notation
    if len(named) == 1:
        return (now, *named)
    return named or (now, *(name for name in NOTATIONS if name != now))


def _known(text: str, column: int) -> str:
    if text not in NOTATIONS:
        known = ", ".join(NOTATIONS)
        raise CommandError(
            f'unknown notation "{text}"{did_you_mean(text, NOTATIONS)} (notations: {known})', column
        )
    return text


def _check(session: Session, arguments: Arguments) -> None:
    words = arguments.words
    for text, column in words[1:] if words and words[0][0] == "compare" else words:
        _known(text, column)


NOTATION = (
    Command(
        "notation", "notation [NAME | compare [NAME [NAME]]]",
        "the letters of another book; compare: this step in the letters of two, side by side",
        "notation compare nielsen", _notation, check=_check, offers=NOTATIONS, takes_cells=False,
    ),
)  # fmt: skip
