"""Commands about the session itself: restart, help, quit."""

from __future__ import annotations

from collections.abc import Mapping

from bpstep.debugger.answers import Answer, Moved, Quit, Said
from bpstep.debugger.arguments import Arguments, expect_no_more
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.help import help_text
from bpstep.debugger.session import Session
from bpstep.debugger.topics import TOPICS
from bpstep.debugger.view_names import Names

__all__ = ["about_the_session"]


def about_the_session(commands: Mapping[str, Command]) -> tuple[Command, ...]:
    """The rows, of which one tells of all rows of a table, itself among them."""

    def run(desk: Desk, arguments: Arguments) -> Answer:
        words = arguments.words
        expect_no_more(words[1:])
        return Said(help_text(commands, *(words[0] if words else ("", 0)), desk.columns), logged=False)

    def check(desk: Desk, arguments: Arguments) -> None:
        run(desk, arguments)

    return (
        Command(
            "restart", "restart",
            "begin anew: to the start, without edits, stops and options; in an exercise, the question",
            "restart", _restart,
        ),
        Command(
            "help", "help [COMMAND|TOPIC]", f"the commands, or one of them; or a topic: {', '.join(TOPICS)}",
            "help until", run, {"?": ""}, check=check,
            offers=Names(lambda: (*commands, *TOPICS)), takes_cells=False,
        ),
        Command("quit", "quit", "end the session", "quit", _quit, {"q": ""}),
    )  # fmt: skip


def _restart(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    question = session.tutor.again() if session.tutor is not None else None
    if question is not None:
        return question
    session.restart()
    return Moved(0, anew=True)


def _quit(session: Session, arguments: Arguments) -> Answer:
    return Quit()
