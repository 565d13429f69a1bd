"""Predict mode and exercises on the screen: the question, a field for the answer, and what came of it.

It stands in the place of step, chain and tables, where the answer would be read off.  Letters are text in the field,
so hints and reveal are F2 and F3, or the words themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from bpstep.debugger.answers import Answer, Asked, Graded, Hole
from bpstep.tui.careful import Careful
from bpstep.tui.field import Field
from bpstep.tui.pane import Pane
from bpstep.view.canvas import Canvas
from bpstep.view.hole import HIGH, LOW, draw_hole, hole_line
from bpstep.view.layout import cut, hairline
from bpstep.view.questions import asked_runs, title_of, wrapped

if TYPE_CHECKING:
    from bpstep.tui.stepper import Stepper

__all__ = ["AskCover"]

Lines = list[tuple[str, str]]


class AskCover(Careful, Vertical):
    """Asks one question after the other."""

    covers_all = shows_epochs = False
    stays = True
    leaves_tables = True
    keys = (
        ("Enter", "check"),
        ("F2", "hint"),
        ("F3", "reveal"),
        ("↑", "last answer"),
        ("Esc", "look around, p comes back"),
        ("F1", "help"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "say('hint')", show=False, priority=True),
        Binding("f3", "say('reveal')", show=False, priority=True),
        Binding("up", "recall", show=False, priority=True),
        Binding("escape", "leave", show=False, priority=True),
        Binding("f1", "help", show=False, priority=True),
        Binding("tab", "table(1)", show=False, priority=True),
        Binding("shift+tab", "table(-1)", show=False, priority=True),
    ]

    def __init__(self, stepper: Stepper) -> None:
        super().__init__(classes="cover ask")
        self.stepper = stepper
        self.question: tuple[str, ...] = ()
        self.result: Lines = []
        self.hole: Hole | None = None
        self.last = ""

    def compose(self) -> ComposeResult:
        yield Pane(self._draw_question, id="question")
        with Horizontal(id="answer-row"):
            yield Static("  answer  ", markup=False)
            yield Field(
                placeholder="a number, or an expression over cells that are shown", select_on_focus=False
            )
            yield Static("", id="terms", markup=False)
        yield Pane(self._draw_result, id="result")

    def draw_side(self, width: int, height: int) -> Canvas:
        """It leaves the program where it is."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """The first question; the field gets the keys."""
        field = next(iter(self.query(Input)), None)
        if (
            self.stepper.cover is not self or field is None
        ):  # a quick key has taken it away before it was there
            return
        field.focus()
        self.ask()

    def ask(self) -> None:
        """Read what is asked now."""
        tutor = self.stepper.session.tutor
        if tutor is None:
            return
        found = tutor.question()
        if isinstance(found, Asked):
            self.question = found.lines[
                1:
            ]  # the title of the pane says which exercise, or which step, this is
        self.query_one("#terms", Static).update(tutor.terms)
        self.query_one("#question", Pane).styles.height = self._above + len(
            self._question_lines(self.size.width or 80)
        )
        self.redraw()

    @property
    def _above(self) -> int:
        """Rows of the question's pane besides its lines: the title, what is asked, a blank one or two."""
        roomy = self.stepper.size.height >= 32
        return 2 + roomy + bool(asked_runs(self.stepper.session))

    def redraw(self) -> None:
        """Draw both panes anew."""
        for pane in self.query(Pane):
            pane.redraw()

    def _question_lines(self, width: int) -> list[str]:
        return wrapped(self.question, width - 4)[:8]

    def _draw_question(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        session = self.stepper.session
        hairline(canvas, 0, 0, width, *title_of(session), right=[("not shown until you answer", "dim")])
        runs, lines = asked_runs(session), self._question_lines(width)
        y = max(1, height - 1 - len(lines) - bool(runs))
        x = 2
        for text, role in runs:
            x = canvas.put(x, y, cut(text, width - 1 - x), role) + 1
        y += bool(runs)
        for place, text in enumerate(lines):
            canvas.put(2, y + place, cut(text, width - 3), "text" if place or runs else "strong")
        return canvas

    def _draw_result(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        y = 1 if height > 4 else 0
        room = height - y
        session, hole = self.stepper.session, self.hole
        told = "" if hole is None else hole_line(session, hole)
        lines = [
            (line, role) for text, role in self.result or _FIRST for line in ([text] if text.strip() == told else
            wrapped((text,), width - 4))
        ]  # fmt: skip
        for text, role in lines:
            if hole is not None and text.strip() == told:  # drawn, instead
                spare = room - len(lines) + 1 - HIGH
                y += spare > 0
                draw_hole(canvas, 6, y, session, hole, stacked=spare >= 0)
                y += (HIGH if spare >= 0 else LOW) + (spare > 1)
            elif y < height:
                canvas.put(2, y, cut(text, width - 3), role)
                y += 1
        return canvas

    # --- answers --------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        text = event.value.strip()
        if text:
            self.last = text
        self.query_one(Input).value = ""
        self.action_say(text if text in ("hint", "reveal") else f"answer {text}".strip())

    def action_say(self, line: str) -> None:
        """Submit an answer, or ask for a hint."""
        self.stepper.action_submit(line)

    def show(self, answer: Answer) -> None:
        """What came of it; then the next question."""
        from bpstep.view.answers import answer_lines

        lines = answer_lines(self.stepper.session, answer)
        asked = self.question
        self.ask()
        tutor = self.stepper.session.tutor
        found = tutor.question() if tutor is not None else answer
        if self.question != asked:  # the next question stands above; it need not stand below, too
            texts = {*self.question, *_head(found)}
            lines = [(text, role) for text, role in lines if text not in texts]
        self.result = lines
        self.hole = answer.hole if isinstance(answer, Graded) else None
        self.redraw()

    def action_recall(self) -> None:
        """The last answer, to be mended."""
        field = self.query_one(Input)
        field.value = self.last
        field.cursor_position = len(self.last)

    def action_leave(self) -> None:
        """Out of the field: the stepper has its keys again, the question stays open."""
        self.stepper.uncover()

    def action_help(self) -> None:
        """The help of the stepper."""
        self.stepper.action_help()

    def another_part(self, by: int) -> None:
        """It has one part."""

    def action_table(self, by: int) -> None:
        """Another table below, where there is room for one; the field keeps the keys."""
        if self.stepper.roomy:
            self.stepper.turn_view(by)


def _head(found: Answer) -> tuple[str, ...]:
    return found.lines[:1] if isinstance(found, Asked) else ()


_FIRST: Lines = [
    ("An expression over the cells you can see, or a number.", "dim"),
    ("Stuck? F2 gives a hint; the first of three only names the principle.", "dim"),
]
