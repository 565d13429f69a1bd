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

from bpstep.debugger.answers import Answer, Asked
from bpstep.tui.pane import Pane
from bpstep.view.canvas import Canvas
from bpstep.view.layout import cut, hairline
from bpstep.view.questions import title_of, wrapped

if TYPE_CHECKING:
    from bpstep.tui.stepper import Stepper

__all__ = ["AskCover"]

Lines = list[tuple[str, str]]


class AskCover(Vertical):
    """Asks one question after the other."""

    covers_all = False
    stays = True
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
        Binding("tab,shift+tab", "nothing", show=False, priority=True),
    ]

    def __init__(self, stepper: Stepper) -> None:
        super().__init__(classes="cover ask")
        self.stepper = stepper
        self.question: tuple[str, ...] = ()
        self.result: Lines = []
        self.last = ""

    def compose(self) -> ComposeResult:
        yield Pane(self._draw_question, id="question")
        with Horizontal(id="answer-row"):
            yield Static("  answer  ", markup=False)
            yield Input(
                placeholder="a number, or an expression over cells that are shown", select_on_focus=False
            )
        yield Pane(self._draw_result, id="result")

    def draw_side(self, width: int, height: int) -> Canvas:
        """It leaves the program where it is."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """The first question; the field gets the keys."""
        self.query_one(Input).focus()
        self.ask()

    def ask(self) -> None:
        """Read what is asked now."""
        tutor = self.stepper.session.tutor
        if tutor is None:
            return
        found = tutor.question()
        if isinstance(found, Asked):
            # The title of the pane says which exercise this is.
            self.question = found.lines[1:] if not tutor.predicting else found.lines
        self.query_one("#question", Pane).styles.height = 2 + len(self._question_lines(self.size.width or 80))
        self.redraw()

    def redraw(self) -> None:
        """Draw both panes anew."""
        for pane in self.query(Pane):
            pane.redraw()

    def _question_lines(self, width: int) -> list[str]:
        return wrapped(self.question, width - 4)[:8]

    def _draw_question(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        hairline(
            canvas,
            0,
            0,
            width,
            *title_of(self.stepper.session),
            right=[("not shown until you answer", "dim")],
        )
        for y, text in enumerate(self._question_lines(width), 1):
            canvas.put(2, y, cut(text, width - 3), "strong" if y == 1 else "text")
        return canvas

    def _draw_result(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        lines: Lines = []
        for text, role in self.result or _FIRST:
            lines += [(line, role) for line in wrapped((text,), width - 4)]
        for y, (text, role) in enumerate(lines[: height - 1], 1 if height > 4 else 0):
            canvas.put(2, y, cut(text, width - 3), role)
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

    def action_nothing(self) -> None:
        """Tab stays in the field."""


def _head(found: Answer) -> tuple[str, ...]:
    return found.lines[:1] if isinstance(found, Asked) else ()


_FIRST: Lines = [
    ("An expression over the cells you can see, or a number.", "dim"),
    ("Stuck? F2 gives a hint; the first of three only names the principle.", "dim"),
]
