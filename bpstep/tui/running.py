"""A screen on which commands are carried out: short ones at once, long ones in turns with the screen.

A command that takes longer than a moment says how far it is, above the key line; Esc stops it, and the session is as
it was.  Training is the one work that keeps what is done when it is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext

from textual.binding import Binding
from textual.screen import Screen

from bpstep.debugger.answers import AllPaths, Answer, Asked, Graded, Moved, Play, Quit, Show, Why
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.language import Call, parse_line
from bpstep.debugger.script import Script
from bpstep.debugger.training import epochs_wanted
from bpstep.tui.careful import Careful
from bpstep.tui.host import Host
from bpstep.tui.trainer import Trainer
from bpstep.tui.turns import Stopped, TooLong, Turns, at_once
from bpstep.view.panes.timeline import working_line
from bpstep.visible import shortened

__all__ = ["STOP_KEY", "Lines", "Running"]

Lines = list[tuple[str, str]]

#: While something goes on this is what Esc does, whatever has the focus.  It stands among the keys of each such screen,
#: because Textual takes the keys of a class instead of those of its base.
STOP_KEY = Binding("escape", "stop_working", show=False, priority=True)

#: So many rows more of what is wrong have room above the key line: the line of a script, and where in it.
_MOST_ROWS = 4

_SHOWN_ELSEWHERE = (AllPaths, Moved, Quit, Asked, Graded, Play, Why)


class Running(Careful, Screen[None]):
    """Carries out commands on a session; what is done with their answers is another's business (`show_answer`)."""

    app: Host

    def __init__(self, session: Console) -> None:
        super().__init__()
        self.session = session
        self.turns: Turns[tuple[Answer, Lines]] | None = None
        self.trainer = Trainer(self)
        #: Whether the command that was submitted last failed.
        self.went_wrong = False
        self._before = 0
        self._is_gone = False

    # --- what a screen does with it -------------------------------------------------------------------

    def show_answer(self, answer: Answer, lines: Lines, *, moved: bool) -> None:
        """Show what came of a command: its answer and, where that is text, its lines."""
        raise NotImplementedError

    def show_training(self) -> None:
        """Training begins: show what there is to see of it."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw every pane anew."""
        raise NotImplementedError

    def has_own_place(self, view: str) -> bool:
        """Whether a view has a place on the screen, and no text of its own."""
        from bpstep.view.panes.loss import PARTS

        return view == "story" or view in PARTS

    def tell(self, lines: Lines) -> None:
        """Say something above the key line, until the next key."""
        self.app.tell(self, lines)

    def clear_message(self) -> None:
        """Take it away again."""
        self.app.clear_message(self)

    # --- commands -------------------------------------------------------------------------------------

    @property
    def is_working(self) -> bool:
        """Whether a long command or training goes on."""
        return self.turns is not None or self.trainer.is_training

    @property
    def is_there(self) -> bool:
        """Whether the screen has not gone meanwhile."""
        return not self._is_gone and self.is_attached and self in self.app.screen_stack

    def afterwards(self, do: Callable[[], object]) -> None:
        """Do something when this screen has been painted, if it is still there then."""
        self.call_after_refresh(lambda: do() if self.is_there else None)

    def action_submit(self, line: str, script: Script | None = None) -> None:
        """Carry out a command, which may be a script's, and show what came of it."""
        self.clear_message()
        if self.is_working:
            keeps = "training goes on: Esc stops it and keeps what is done"
            self.tell([(keeps if self.trainer.is_training else "a command goes on: Esc stops it", "dim")])
            return
        self._before, self.went_wrong = self.session.position, False
        try:
            call = parse_line(line, at_prompt=True)
            if call is None:
                raise CommandError("there is no command in this line")
            if call.command.name == "train":
                self._begin_training(epochs_wanted(self.session, call.arguments))
                return
        except CommandError as error:
            self._tell_wrong(line, error)
            return
        self._carry_out(line, call, script)

    def _carry_out(self, line: str, call: Call, script: Script | None) -> None:
        """Carry a command out at once, or in turns where it takes longer."""
        # To lay an answer out may take as long as to find it: where that takes longer, it alone is begun again.
        answers: list[Answer] = []

        def work() -> tuple[Answer, Lines]:
            if not answers:
                with script.reading(self.session) if script is not None else nullcontext():
                    answers.append(self.session.execute(call))
            return answers[0], self._lines_of(answers[0])

        try:
            self._finish(line, lambda: at_once(self.session, work))
        except TooLong:
            self.turns = Turns(self.session, work)
            if self.turns.go_on():
                self.run_worker(self._go_on(line), exclusive=True)
            else:
                self._finish_turns(line)

    def _lines_of(self, answer: Answer) -> Lines:
        """The text of an answer that has no place of its own."""
        if isinstance(answer, _SHOWN_ELSEWHERE):
            return []
        if not isinstance(answer, Show):
            from bpstep.view.say.answers import answer_lines

            return answer_lines(self.session, answer, max(76, self.size.width - 4))
        if self.has_own_place(answer.view):
            return []
        from bpstep.view.say.views import view

        canvas = view(self.session, answer.view, self.size.width - 4)
        return [(text, "text") for text in canvas.text().split("\n")]

    async def _go_on(self, line: str) -> None:
        turns = self.turns
        assert turns is not None
        while turns.go_on():
            if self.is_there:
                self.tell([(working_line(*turns.progress, self.size.width - 3, "Esc"), "value")])
            await asyncio.sleep(0)
        if self.is_there:
            self._finish_turns(line)

    def _finish_turns(self, line: str) -> None:
        turns, self.turns = self.turns, None
        assert turns is not None
        self._finish(line, turns.result)

    def _finish(self, line: str, result: Callable[[], tuple[Answer, Lines]]) -> None:
        """Show what came of a command, whatever that is; `TooLong` goes on to whoever can take turns."""
        self.clear_message()
        too_long: TooLong | None = None
        with self.app.careful():
            try:
                answer, lines = result()
            except Stopped:
                self.tell([("stopped; the session is as it was", "text")])
            except CommandError as error:
                self._tell_wrong(line, error)
            except TooLong as error:
                too_long = error
            else:
                self._show(answer, lines)
        if too_long is not None:
            raise too_long

    def _tell_wrong(self, line: str, error: CommandError) -> None:
        self.went_wrong = True
        first, *rows = error.message.split("\n")
        self.tell([(text, "alarm") for text in (f"{shortened(line, 60)}: {first}", *rows[:_MOST_ROWS])])

    def _show(self, answer: Answer, lines: Lines) -> None:
        if not self.is_there:  # a screen that is being left has no room for an answer any more
            return
        position = self._before
        self.app.dress()
        self.show_answer(answer, lines, moved=self.session.position != position)
        self.redraw()

    # --- training -------------------------------------------------------------------------------------

    def _begin_training(self, epochs: int) -> None:
        self.trainer.begin(epochs)
        self.show_training()
        self.run_worker(self.trainer.go_on(self.app.careful()), exclusive=True)

    # --- the way out ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is this screen's before it is anybody else's, while something goes on."""
        return self.is_working if action == "stop_working" else super().check_action(action, parameters)

    def action_stop_working(self) -> None:
        """Stop what goes on: of training, what is done is kept; of a command, nothing."""
        self.trainer.stop()
        if self.turns is not None:
            self.turns.stop()

    def on_unmount(self) -> None:
        """Nothing goes on behind a screen that is gone."""
        self._is_gone = True
        self.action_stop_working()
        if self.turns is not None:
            self.turns.go_on()
