"""Where on the screen an answer has its place: over the step, in its place, above the key line, or on another page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpstep.debugger.answers import AllPaths, Answer, Asked, Graded, Moved, Play, Quit, Show, Why
from bpstep.debugger.console import Console
from bpstep.tui.covers import Covers
from bpstep.tui.panes import Panes
from bpstep.tui.player import Player
from bpstep.tui.running import Lines

if TYPE_CHECKING:
    from bpstep.tui.ask_cover import AskCover
    from bpstep.tui.cover import Cover

__all__ = ["Answering"]


class Answering(Panes):
    """A stage with panes that shows what came of a command."""

    def __init__(self, session: Console) -> None:
        super().__init__(session)
        self.player = Player(self)
        self.covers = Covers(self)

    @property
    def cover(self) -> Cover | AskCover | None:
        """The cover that lies over the step, if there is one."""
        return self.covers.top

    @property
    def playing(self) -> str:
        """How fast it plays; "" while it does not."""
        return self.player.says

    def show_answer(self, answer: Answer, lines: Lines, *, moved: bool) -> None:
        """What came of a command."""
        if moved and not (self.cover is not None and self.cover.stays):
            self.covers.lift()
            if not self.pinned and not self.roomy:
                self.view_name = ""
        if moved:
            self.note_from = 0
        if isinstance(answer, Quit):
            self.action_leave()
        elif isinstance(answer, Show) and not lines:
            self._show_view(answer)
        elif isinstance(answer, Asked | Graded):
            self._show_question(answer)
        elif isinstance(answer, Play):
            self.player.play(answer.speed)
        elif isinstance(answer, Why):
            from bpstep.tui.why_cover import WhyCover

            self.covers.lay(WhyCover(self.session, answer.tree))
        elif isinstance(answer, AllPaths):
            self._show_paths(answer)
        elif isinstance(answer, Moved):
            if answer.why or answer.warnings:
                warnings = [(f"warning: {text}", "alarm") for text in answer.warnings]
                self.tell([(answer.why, "dim"), *warnings])
        elif isinstance(answer, Show) or len(lines) > 6:
            self.open_pages(lines)
        else:
            self.tell(lines)

    def has_own_place(self, view: str) -> bool:
        """Whether a view has a place on the screen, and no text of its own."""
        from bpstep.view.say.views import VIEWS

        return super().has_own_place(view) or (view in self.views() and VIEWS[view].lines is None)

    def _show_view(self, answer: Show) -> None:
        from bpstep.view.panes.loss import PARTS

        if answer.view == "story":
            self.action_story()
        elif answer.view in PARTS:
            from bpstep.tui.loss_cover import LossCover

            self.covers.lay(LossCover(self.session, answer.view))
        else:
            self.view_name = answer.view

    def _show_paths(self, answer: AllPaths) -> None:
        from bpstep.tui.fold_cover import FoldCover

        if isinstance(self.cover, FoldCover):
            self.cover.show(answer.folded)
        else:
            self.covers.lay(FoldCover(self.session, answer.folded, self.size.height))

    def _show_question(self, answer: Asked | Graded) -> None:
        """A question, or what came of an answer."""
        from bpstep.tui.ask_cover import AskCover

        tutor = self.session.tutor
        if answer.then or (tutor is not None and tutor.is_asking):
            if isinstance(self.cover, AskCover):
                self.cover.show(answer)
                self.covers.fit()
            else:
                self.covers.lay(AskCover(self.session, answer))
        else:
            self.covers.lift()
            from bpstep.view.say.answers import answer_lines

            self.tell(answer_lines(self.session, answer, 76))

    def show_training(self) -> None:
        """The loss stands in the place of the step."""
        from bpstep.tui.loss_cover import LossCover

        self.player.pause()
        if not isinstance(self.cover, LossCover):
            self.covers.lay(LossCover(self.session))

    # --- other screens --------------------------------------------------------------------------------

    def action_story(self) -> None:
        """The author's story."""
        from bpstep.tui.pages import Story

        if self.is_kept_back("story"):
            return
        begin = self.session.position == 0
        self.app.push_screen(Story(self.session, "→ begin" if begin else "Esc close"))

    def is_kept_back(self, view: str) -> bool:
        """Whether who asks shows no such view (an exam does not); then the command says so."""
        tutor = self.session.tutor
        if tutor is None or not tutor.refuses("show", view):
            return False
        self.action_submit(f"show {view}")
        return True

    def open_pages(self, lines: Lines) -> None:
        """Lines that are too many for a message."""
        from bpstep.tui.pages import Pages

        self.app.push_screen(Pages(lines, "Esc close"))

    def action_leave(self) -> None:
        """Back to where one came from, or quit."""
        self.action_stop_working()
        self.player.pause()
        self.app.leave_screen()
