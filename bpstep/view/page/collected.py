"""What a page shows: the panes of the screen at every step, in a wide layout and in one for a phone.

Nothing is drawn here: each pane is asked for its picture as the screen asks, with a frame of each moment.  A wrong rule
beside the right one is what `diff RULE` shows, so the pictures are drawn once more with each rule that applies.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from bpstep.debugger.gradients import rules_compared
from bpstep.debugger.session import Session
from bpstep.debugger.why import why
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.specs import NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Row
from bpstep.view.drawing.layout import hairline
from bpstep.view.page.drawings import Drawings
from bpstep.view.panes import chain, network, step, tables, timeline
from bpstep.view.panes.compare import LEAST_DIGITS, diff_lines
from bpstep.view.panes.why import tree_rows, why_rows
from bpstep.view.scene.frame import Frame

__all__ = ["LAYOUTS", "Layout", "collected", "drawn", "frames", "rules_beside", "tables_shown"]


@dataclass(frozen=True)
class Layout:
    """The columns of the picture, of formulas, and of tables."""

    name: str
    picture: int
    words: int
    table: int

    @property
    def columns(self) -> dict[str, int]:
        """The columns of each sort of pane."""
        return {"picture": self.picture, "words": self.words, "table": self.table}


#: What draws some panes of a moment.
Draw = Callable[[Frame, Layout], list[Canvas]]

#: On a screen of the width of a hand a column is a third of the height of a letter that can still be read.
LAYOUTS = (Layout("wide", 85, 85, 85), Layout("narrow", 60, 50, 60))

#: The rows of the picture: as many as the cards of the largest layer need, within these bounds.
_LEAST_ROWS, _MOST_ROWS, _ROWS_OF_A_CARD = 12, 26, 4
_ROWS_OF_CHAIN, _MOST_IN_TABLE = 11, 40
#: A tree has so many rows at most: each of them is a link to a step that has a tree of its own, so that no branch need
#: stand on the page as often as it is reached.
_MOST_IN_TREE = 40


def frames(session: Session, positions: Sequence[int]) -> Iterator[Frame]:
    """A frame of each position; the session stands there while it is looked at."""
    before: Frame | None = None
    for position in positions:
        session.position = position
        before = Frame.of(session, before)
        yield before


def tables_shown(frame: Frame) -> list[str]:
    """The tables that change from step to step."""
    return [
        table.name for table in tables.tables_of(frame) if table.count is not None and table.name != "yours"
    ]


def drawn(frame: Frame, layout: Layout) -> list[Canvas]:
    """The panes of a moment: timeline, network, step, chain, and the tables."""
    top = timeline.draw(frame, layout.picture)
    line = Canvas(layout.picture, 1)
    line.blit(0, -1, top)
    tables_drawn = [_table(frame, layout.table, name) for name in tables_shown(frame)]
    return [line, *drawn_of_step(frame, layout), *tables_drawn]


#: Which of them are `drawn_of_step`.
_OF_STEP = slice(1, 4)


def drawn_of_step(frame: Frame, layout: Layout) -> list[Canvas]:
    """The panes that tell of another rule, where one is beside: network, step and chain."""
    rows = step.rows_wanted(frame, layout.words) - len(step.in_words(frame, layout.words))
    return [
        network.draw(frame, layout.picture, _rows_of_picture(frame)),
        step.draw(frame, layout.words, rows),
        chain.draw(frame, layout.words, _ROWS_OF_CHAIN),
    ]


def _table(frame: Frame, width: int, name: str) -> Canvas:
    """A table under its name."""
    count = tables.TABLES[name].count
    assert count is not None
    canvas = Canvas(width, min(count(frame), _MOST_IN_TABLE) + 2)
    hairline(canvas, 0, 0, width, [(name, "strong")])
    tables.TABLES[name].draw(frame, canvas, 1, None)
    return canvas


def _rows_of_picture(frame: Frame) -> int:
    problem = frame.setup.problem
    if not isinstance(problem, NetworkSpec):
        return _LEAST_ROWS
    largest = max(len(layer.neurons) for layer in problem.layers)
    return min(max(_LEAST_ROWS, _ROWS_OF_A_CARD * largest + 2), _MOST_ROWS)


def rules_beside(session: Session) -> list[Rule]:
    """The wrong rules that can stand beside this run, where that has the right one."""
    problem, training = session.scenario.problem, session.scenario.training
    if session.setup.rule is not CORRECT or session.setup.wrt is not None or session.conceals:
        return []
    return [rule for rule in RULES.values() if rule is not CORRECT and not rule.refuses(problem, training)]


def collected(
    session: Session, positions: Sequence[int], rules: Sequence[Rule], report: Callable[[int, int], None]
) -> dict[str, Any]:
    """The data of a page: what is shown at each position, and with each rule beside; ``report`` hears how far it is."""
    store = Drawings()
    total, done = len(positions) * (1 + len(rules)), 0

    def pictures(shown: Sequence[int], draw: Draw) -> Iterator[list[list[int]]]:
        nonlocal done
        for frame in frames(session, shown):
            yield [
                [store.follow((draw, layout.name, k), canvas) for k, canvas in enumerate(draw(frame, layout))]
                for layout in LAYOUTS
            ]
            done += 1
            report(done, total)

    plain = list(pictures(positions, drawn))
    known: dict[Hashable, Row] = {}
    trees = [_trees(frame, store, known) for frame in frames(session, positions)]
    beside = []
    for rule in rules:
        difference = _difference(session, rule, store)
        # Until the first difference the pictures look alike.
        spared = sum(position < difference["differs"] for position in positions)
        session.compared_with, done = rule, done + spared
        found = enumerate(pictures(positions[spared:], drawn_of_step), spared)
        changed = {k: now for k, new in found if (now := _with(plain[k], new)) != plain[k]}
        told = {k: both for k, frame in enumerate(frames(session, positions)) if (both := _both(frame))}
        beside.append({"name": rule.name, "says": rule.says, "steps": changed, "told": told, **difference})
    session.compared_with = None
    return {
        "first": positions[0],
        "neuron": _boundaries(session, positions, "neuron"),
        "phase": _boundaries(session, positions, "phase"),
        "layouts": [layout.columns for layout in LAYOUTS],
        "steps": plain,
        "why": trees,
        "rules": beside,
        "roles": store.roles,
        "rows": store.rows,
        "drawings": store.drawings,
    }


def _with(before: list[list[int]], new: list[list[int]]) -> list[list[int]]:
    """The drawings of a moment, in each layout, with others of its step."""
    both = zip(before, new, strict=True)
    return [[*old[: _OF_STEP.start], *found, *old[_OF_STEP.stop :]] for old, found in both]


def _both(frame: Frame) -> str:
    """What a step gives under both rules, where that is not the same."""
    runs = frame.twin.runs(frame.step, frame.numbers) if frame.step is not None else []
    return "".join(text for text, _ in runs).strip()


def _trees(frame: Frame, store: Drawings, known: dict[Hashable, Row]) -> list[list[Any]]:
    """Where the number of this step comes from, in each layout: a drawing, and the step that each row leads to, where
    a tree that is cut here goes on; ``known`` are the rows that were drawn before."""
    session = frame.session
    if session.step is None:
        return []
    rows = why_rows(why(session.moment, session.step.cell, _MOST_IN_TREE, frame.step_at))
    leads = [0, *(0 if row.node.step is None else row.node.step.number for row in rows)]
    found: list[list[Any]] = []
    for layout in LAYOUTS:
        found.append([store.add(tree_rows(session, rows, layout.table, known)), leads])
    return found


def _difference(session: Session, rule: Rule, store: Drawings) -> dict[str, Any]:
    """Where a rule first parts from the right one, and the gradients under both."""
    found = rules_compared(session, rule, session.moment.place.batch)
    lines = store.add(
        [line] for line in diff_lines(session, found, max(LEAST_DIGITS, session.options.digits))
    )
    return {"differs": 0 if found.first is None else found.first.correct.number, "lines": lines}


def _boundaries(session: Session, positions: Sequence[int], level: str) -> list[int]:
    """The positions at which a level ends, within those that are shown."""
    timeline_, found, at = session.run.timeline, [positions[0]], positions[0]
    while at < positions[-1]:
        at = min(timeline_.next_boundary(at, level), positions[-1])
        found.append(at)
    return found
