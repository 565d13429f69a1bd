"""Every step of a session as text: an item of a list, under a link of its own.

An item says which step it is, what it does in symbols and in numbers, what comes out, and why; the author's note to it
stands with it.  It is what is printed, searched and read aloud, and what the page still is without its script.  The
cell and its value in full stand in its attributes, for whoever wants to read them with a program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.debugger.session import Session
from bpstep.engine.steps import Step
from bpstep.english import group
from bpstep.view.drawing.roles import PHASE_KINDS
from bpstep.view.formats.html import escaped
from bpstep.view.page.collected import frames
from bpstep.view.panes.timeline import facts
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import kind_of
from bpstep.view.words.inline import inline
from bpstep.view.words.narrate import sentence
from bpstep.view.words.notes import note_text

__all__ = ["transcript"]


def transcript(session: Session, positions: Sequence[int]) -> Iterator[str]:
    """The items of the list, one for each position."""
    for frame in frames(session, positions):
        where = escaped(facts(frame, short=False))
        note = frame.note
        said = f'<p class="note">{escaped(note_text(frame, note))}</p>' if note is not None else ""
        step = frame.step
        what = _item(frame, step) if step is not None else _START
        attributes = (
            f' data-cell="{escaped(str(step.cell))}" data-value="{step.value!r}"' if step is not None else ""
        )
        yield f'<li id="step-{frame.position}" data-facts="{where}"{attributes}>{what}{said}</li>'


_START = '<a href="#step-0">start</a> <span class="words">Nothing is computed yet.</span>'


def _item(frame: Frame, step: Step) -> str:
    kind = kind_of(step.cell)
    k, n = step.part or (1, 1)
    equation = step.equation(max(6, frame.options.digits)).replace("*", "×").replace("-", "−")
    parts = [
        f'<a href="#step-{step.number}">{group(step.number)}</a>',
        f'<span class="op">{step.when.phase}, {step.op}</span>',
        f'<code class="formula">{escaped(inline(frame, step))}</code>',
        f'<b class="bp-{PHASE_KINDS[step.when.phase]}">{escaped(frame.numbers.show(kind, step.value).strip())}</b>',
        f'<span class="part">{k} of {n}</span>' if n > 1 else "",
        f'<code class="numbers">{escaped(equation)}</code>',
        f'<span class="words">{escaped(sentence(frame, step))}</span>',
    ]
    return " ".join(part for part in parts if part)
