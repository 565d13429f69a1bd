"""A console: where commands are typed.

It reads a line with the table of commands, carries it out on the session that it is, takes it back where it fails, and
keeps a log of what was done.  The screen, the prompt and a script are three ways to give it lines.

    >>> from bpstep.scenario.loader import load
    >>> console = Console(load("mazur-2-2-2"))
    >>> console.execute("until delta[h1]")
    Moved(position=37, why='d(e[h1]) is final', anew=False, warnings=())
    >>> console.log
    ['until delta[h1]']
"""

from __future__ import annotations

from contextlib import nullcontext

from bpstep.debugger.answers import Answer
from bpstep.debugger.arguments import expect_no_more
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.language import Call, parse_line
from bpstep.debugger.progress import reach

__all__ = ["Console"]


class Console(Desk):
    """A session that is told what to do in lines of text."""

    def execute(self, line: str | Call, *, at_prompt: bool = False) -> Answer:
        """Carry out one line of the command language; `CommandError` says what is wrong with it.

        A face that has parsed the line already hands its call on.  A command that fails, or that is interrupted, leaves
        everything as it was.
        """
        call = _called(line, at_prompt) if isinstance(line, str) else line
        bring_back, stood = self.checkpoint(), (self._run, self._position)
        self.begin_work()
        try:
            with self.unveiled() if self._moves_on(call) else nullcontext():
                answer = self._run_command(call)
            if (self._run, self._position) != stood:  # what was written is not undone by what comes behind it
                self._reach()
        except BaseException:
            bring_back()
            raise
        if answer.is_logged:
            self.log += answer.logged_as or (call.spelt_out,)
        return answer

    def carry_out(self, line: str, *, at_prompt: bool = False) -> Answer:
        """Carry out a line as a part of another: it is not logged, and one that fails is not taken back."""
        return self._run_command(_called(line, at_prompt))

    def _run_command(self, call: Call) -> Answer:
        if self.tutor is not None and (why := self.tutor.refuses(call.command.name, call.arguments.text)):
            raise CommandError(why, 0, ExitCode.FAILED)
        if call.command.takes_nothing:
            expect_no_more(call.arguments.words)
        return call.command.run(self, call.arguments)

    def _moves_on(self, call: Call) -> bool:
        """Whether a command moves the cursor, and takes the question (if there is one) along."""
        return call.command.moves and (self.tutor is None or self.tutor.limit is None)

    def _reach(self) -> None:
        """Compute the run as far as the cursor: training that nobody has looked at yet may take its time."""
        wanted = self.moment.place.batch
        reach(self._run, wanted, self.report)
        if self._position:
            self.run.eras(wanted)


def _called(line: str, at_prompt: bool) -> Call:
    call = parse_line(line, at_prompt=at_prompt)
    if call is None:
        raise CommandError("there is no command in this line")
    return call
