"""Predict mode and exercises on the screen: the question, a field for the answer, and what came of it.

It stands in the place of step, chain and tables, where the answer would be read off.  Letters are text in the field,
so hints and reveal are F2 and F3, or the words themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from bpstep.debugger.answering import as_answer
from bpstep.debugger.answers import Asked, Graded, Hole
from bpstep.debugger.console import Console
from bpstep.tui.cover import Covering, Help, Turn
from bpstep.tui.field import Field
from bpstep.tui.keys import bound_in
from bpstep.tui.pane import Pane
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.panes.hole import HIGH, LOW, draw_hole, hole_line
from bpstep.view.panes.questions import asked_runs, packed, title_of, wrapped

__all__ = ["AskCover"]

Lines = list[tuple[str, str]]


class AskCover(Covering, Vertical):
    """Asks one question after the other, and after the last one leads on."""

    stays = True
    leaves_tables = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "question",
            {
                "f2": "submit('hint')",
                "f3": "submit('reveal')",
                "up": "recall",
                "pagedown": "read(1)",
                "pageup": "read(-1)",
                "f1": "help",
                "tab": "table(1)",
                "shift+tab": "table(-1)",
            },
            priority=True,
        )
    ]

    def __init__(self, session: Console, answer: Asked | Graded | None = None) -> None:
        super().__init__(classes="cover ask")
        self.session = session
        self.question: tuple[str, ...] = ()
        self.result: Lines = []
        #: The question that the result belongs to, where another one is asked by now.
        self.result_of = ""
        self.hole: Hole | None = None
        self.last = ""
        #: The first row that is shown of the result, and of the question; and whether the result goes on below.
        self.first = self.first_asked = 0
        self._goes_on = False
        self._begin = answer
        #: Which question this is: for the title, and as the question itself begins.
        self.title = self.head = ""

    @property
    def key_line(self) -> tuple[tuple[str, str], ...]:
        """What the keys do now."""
        tutor = self.session.tutor
        if self._is_asking and tutor is not None and not tutor.helps:
            return _KEYS_IN_AN_EXAM
        return _KEYS if self._is_asking else _KEYS_AT_THE_END

    @property
    def is_page(self) -> bool:
        """Whether the question is a long one."""
        tutor = self.session.tutor
        return tutor is not None and tutor.is_long

    @property
    def _is_asking(self) -> bool:
        tutor = self.session.tutor
        return tutor is not None and tutor.is_asking

    def compose(self) -> ComposeResult:
        yield Pane(self._draw_question, id="question")
        with Horizontal(id="answer-row"):
            yield Static("  answer  ", markup=False)
            yield Field(select_on_focus=False)
            yield Static("", id="terms", markup=False)
        yield Pane(self._draw_result, id="result")

    def on_mount(self) -> None:
        """The first question; the field gets the keys."""
        field = next(iter(self.query(Input)), None)
        if self.is_lifted or field is None:
            return
        field.focus()
        if self._begin is None:
            self.ask()
        else:
            self.show(self._begin)

    def ask(self, end: tuple[str, ...] = ()) -> None:
        """Read what is asked now; where that is nothing, ``end`` says how to go on."""
        tutor = self.session.tutor
        if tutor is None or not self.query("#terms"):  # nothing is asked, or the cover is not there yet
            return
        found = tutor.question() if tutor.is_asking else Asked(("", *end))
        self.title = "".join(text for text, _ in title_of(self.session)[-1])
        if isinstance(found, Asked) and found.lines[1:] != self.question:
            self.first_asked = 0
        if isinstance(found, Asked):  # the title of the pane says which exercise, or which step, this is
            self.head, self.question = found.lines[0], found.lines[1:]
        self.query_one("#terms", Static).update(tutor.terms)
        self.query_one(Field).placeholder = tutor.wants if tutor.is_asking else _AT_THE_END
        self.place()

    def on_resize(self) -> None:
        """The rows are shared anew."""
        self.place()

    def place(self) -> None:
        """The question gets the rows that it needs.

        On a small screen what came of an answer takes the blank ones; and the last ones, where the question has been
        read before.
        """
        width = self.size.width or 80
        lines = len(self._question_lines(width))
        rows, room = self._above + lines, self.size.height - 1
        if self.result and room > 0:
            whole, needed = 1 + bool(asked_runs(self.session)) + lines, len(self._rows(width, ""))
            rows = min(rows, max(whole, room - needed - bool(self.result_of)))
            if not self.result_of:
                rows = min(rows, max(2, room - min(needed, _LEAST_RESULT)))
        for question in self.query("#question"):  # none, before the cover is there
            question.styles.height = rows
        self.redraw()

    @property
    def _above(self) -> int:
        """Rows of the question's pane besides its lines: the title, what is asked, a blank one or two."""
        roomy = self.app.size.height >= 32
        return 2 + roomy + bool(asked_runs(self.session))

    def redraw(self) -> None:
        """Draw both panes anew."""
        for pane in self.query(Pane):
            pane.redraw()

    def _question_lines(self, width: int) -> list[str]:
        return wrapped(packed(self.question, width - 4), width - 4)

    def _draw_question(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        session = self.session
        told = "not shown until you answer" if session.asked is not None else ""
        told = told if self._is_asking else "done"
        hairline(canvas, 0, 0, width, *title_of(session), right=[(told, "dim")] if told else ())
        runs, lines = asked_runs(session), self._question_lines(width)
        y = max(1, height - 1 - len(lines) - bool(runs))
        x = 2
        for text, role in runs:
            x = canvas.put(x, y, cut(text, width - 1 - x), role) + 1
        y += bool(runs)
        room = height - y
        is_cut = len(lines) > room >= _LEAST_PAGE
        self.first_asked = max(0, min(self.first_asked, len(lines) - room + 1)) if is_cut else 0
        shown = lines[self.first_asked : self.first_asked + room - is_cut]
        for place, text in enumerate(shown):
            is_first = not (place or runs or self.first_asked)
            canvas.put(2, y + place, cut(text, width - 3), "strong" if is_first else "text")
        if is_cut:
            canvas.put(2, height - 1, _reads_on(self.first_asked + len(shown) < len(lines)), "key")
        return canvas

    def _draw_result(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        session, hole, y = self.session, self.hole, 0
        if self.result_of:
            hairline(canvas, 0, y, width, [(self.result_of, "strong")])
            y = 1
        told = "" if hole is None else hole_line(session, hole)
        is_drawn = hole is not None and len(self._rows(width, told)) - 1 + LOW <= height - y
        rows = self._rows(width, told if is_drawn else "")
        needed = len(rows) - is_drawn + is_drawn * LOW
        y += needed < height - y and not self.result_of  # a blank row above, where there is one to spare
        room = height - y
        is_cut = needed > room
        self.first = min(self.first, max(0, len(rows) - room + 1)) if is_cut else 0
        for text, role in rows[self.first : self.first + room - is_cut]:
            if hole is not None and is_drawn and text.strip() == told:  # drawn, instead
                spare = room - len(rows) + 1 - HIGH
                y += spare > 0
                draw_hole(canvas, 6, y, session, hole, stacked=spare >= 0)
                y += (HIGH if spare >= 0 else LOW) + (spare > 1)
            else:
                canvas.put(2, y, cut(text, width - 3), role)
                y += 1
        self._goes_on = is_cut and self.first + room - 1 < len(rows)
        if is_cut:
            canvas.put(2, height - 1, _reads_on(self._goes_on), "key")
        return canvas

    @property
    def _at_first(self) -> Lines:
        """What stands there before anything was answered."""
        tutor = self.session.tutor
        if not self._is_asking or tutor is None:
            return []
        return _FIRST if tutor.helps else _FIRST_IN_AN_EXAM

    def _rows(self, width: int, whole: str) -> Lines:
        """The result, broken into rows; the line ``whole`` is not."""
        return [
            (line, role)
            for text, role in self.result or self._at_first
            for line in ([text] if whole and text.strip() == whole else wrapped((text,), width - 4))
        ]

    # --- answers --------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        text = event.value.strip()
        if text:
            self.last = text
        self.query_one(Input).value = ""
        if not self._is_asking:
            self.action_submit(text or "next")
        else:
            self.action_submit(as_answer(self.session, text) or "answer")

    def show(self, answer: Asked | Graded) -> None:
        """What came of it, by itself; and above, the next question."""
        from bpstep.view.say.answers import answer_lines

        before, self.first = self.title, 0
        self.ask(answer.then)
        lines = answer_lines(self.session, replace(answer, then=()))
        above = {self.head, *self.question}  # what is asked stands above, and need not stand below, too
        self.result = [(text, role) for text, role in lines if text not in above]
        self.result_of = before if answer.then and self.result else ""
        self.hole = answer.hole if isinstance(answer, Graded) else None
        self.place()

    def action_read(self, by: int) -> None:
        """On, or back, in what has more rows than there is room for: first the result, then the question."""
        if self._goes_on if by > 0 else self.first:
            self.first = max(0, self.first + by * max(1, self.query_one("#result", Pane).size.height - 2))
        else:
            room = self.query_one("#question", Pane).size.height - self._above
            self.first_asked = max(0, self.first_asked + by * max(1, room - 1))
        self.redraw()

    def action_recall(self) -> None:
        """The last answer, to be mended."""
        field = self.query_one(Input)
        field.value = self.last
        field.cursor_position = len(self.last)

    def action_help(self) -> None:
        """All keys and commands."""
        self.post_message(Help())

    def action_table(self, by: int) -> None:
        """Another table below, where there is room for one; the field keeps the keys."""
        self.post_message(Turn(by))


_KEYS = (
    ("Enter", "check"),
    ("F2", "hint"),
    ("F3", "reveal"),
    ("↑", "last answer"),
    ("Esc", "look around, p comes back"),
    ("F1", "help"),
)
_KEYS_IN_AN_EXAM = (("Enter", "answer, once"), ("Esc", "look around, p comes back"), ("F1", "help"))
_KEYS_AT_THE_END = (("Enter", "next exercise"), ("Esc", "look around"), ("F1", "help"))
_AT_THE_END = "Enter goes on"

#: A question with fewer rows than this is not read page by page.
_LEAST_PAGE = 4

#: The rows that what comes of an answer has on the smallest screen.
_LEAST_RESULT = 3

_FIRST: Lines = [
    ("Stuck? F2 gives a hint; the first of three only names the principle.", "dim"),
    ("print CELL reads a number; Esc leads to the steps and the tables (Tab).", "dim"),
]

_FIRST_IN_AN_EXAM: Lines = [
    ("An answer is taken once, and not judged; next passes the question over for good.", "dim"),
    ("print CELL reads a number; Esc leads to the steps and the tables (Tab).", "dim"),
]


def _reads_on(more: bool) -> str:
    return "PgDn reads on" if more else "PgUp reads from above"
