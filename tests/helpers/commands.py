"""Random sessions: commands drawn from the whole command table, in any scenario, in both modes.

    lines = Lines(random.Random(7), session)
    line = lines.draw()                          one command, mostly one that makes sense here

A row of `GENERATORS` draws the arguments of one command: as `_DRAWN` says, else what its own row offers.  What a
session is after some commands is told by `state_of`, which can be held against another session's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bpstep.debugger.answers import Answer, Quit
from bpstep.debugger.command import Command
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.events import EVENTS
from bpstep.debugger.marking import WRONG
from bpstep.debugger.moment import STATES
from bpstep.debugger.view_names import EXPORTED, SHOWN
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.blocks import PHASES
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rules import RULES
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import OPS
from bpstep.engine.timeline import LEVELS
from bpstep.engine.vectors import Vector
from bpstep.exercises.loading import load_path
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.arithmetic import function_names, parse_cell
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from bpstep.view.say.views import view
from tests.helpers.shipped import SMALL

__all__ = [
    "GENERATORS",
    "SMALL",
    "Lines",
    "carried_out",
    "looked_at",
    "opened",
    "played",
    "smallest",
    "state_of",
]

#: What no command expects.
NONSENSE = (
    "", "?", "=", "==", "²", "−3", "1e999", "0/0", "1/0", "w[", "w[a->b]", "d(d(x))", "delta[nobody]", "if", "# no",
    "\x1b[31m", "\u202eabc", "(((((", "and", "not not 1", "-" * 40, "( " * 150, "π", "1 2 3", "seed=", "--expect", "..",
)  # fmt: skip


class Lines:
    """Draws commands for a session as it stands."""

    def __init__(self, chance: random.Random, session: Console) -> None:
        self.chance, self.session = chance, session
        self.pick = chance.choice
        self._cells: tuple[object, list[str]] = (None, [])

    def draw(self) -> str:
        """A command; one in twenty with arguments that mean nothing."""
        name = self.pick(_WEIGHTED)
        line = f"{name} {GENERATORS[name](self)}".strip()
        if self.chance.random() < 0.05:
            line = (
                f"{line} {self.pick(NONSENSE)}"
                if self.chance.random() < 0.5
                else f"{name} {self.pick(NONSENSE)}"
            )
        return line

    # --- words ----------------------------------------------------------------------------------------

    def one(self, *texts: str) -> str:
        """One of some texts."""
        return self.pick(texts)

    def number(self, most: int = 60) -> str:
        """A whole number, mostly a small one."""
        return str(
            self.pick([1, 2, 3, 5, 8, self.chance.randint(1, most), self.chance.randint(1, 10 * most)])
        )

    def value(self) -> str:
        """A number as it may be typed."""
        return self.pick(
            ["0", "1", "-1", "0.3", "2", "1e-3", "-0.75", "12", f"{self.chance.uniform(-2, 2):.3f}"]
        )

    def cell(self) -> str:
        """The name of a cell, mostly of one that there is."""
        setup = self.session.setup
        if self._cells[0] is not setup:
            self._cells = setup, cells_of(self.session)
        if self.chance.random() < 0.03:
            return self.one(
                "w[nobody->h1]", "y[zz]", "q", "d(nothing)", "dot(w[x1->h1])", "m(w[x1->h1])", "d(x)"
            )
        if self.chance.random() < 0.1:
            return self.one("lr", "step", "epoch", "sample", "update", "loss", "cost")
        arrays = self.session.scope.known_arrays()
        if arrays and self.chance.random() < 0.2:
            return self.pick(arrays)
        return self.pick(self._cells[1])

    def expression(self) -> str:
        """An expression over cells."""
        return self.one(
            self.cell(),
            f"{self.cell()} * {self.cell()}",
            f"{self.cell()} - {self.value()}",
            f"{self.pick(sorted(function_names()))}({self.cell()})",
            f"({self.cell()} + {self.cell()}) / 2^{self.number(3)}",
            f"abs({self.cell()}) + step",
        )

    def condition(self) -> str:
        """An expression that holds or does not."""
        sign = self.one("<", ">", "<=", ">=", "==", "!=")
        return self.one(
            f"{self.expression()} {sign} {self.value()}",
            f"{self.cell()} {sign} {self.cell()} and epoch {sign} {self.number(3)}",
            f"not {self.cell()} {sign} {self.value()} or part == 2",
            f"abs(value) < {self.value()}",
            f"value {sign} was",
            f"lr {sign} 0.2",
            f"update == {self.number(5)}",
        )

    def where(self) -> str:
        """What a stop may stand on."""
        return self.one(
            self.cell(), self.cell(), self.pick(OPS), self.pick(PHASES), self.pick([*sorted(EVENTS), WRONG])
        )

    def layer(self) -> str:
        """A layer's name."""
        problem = self.session.setup.problem
        return self.pick([x.name for x in problem.layers]) if isinstance(problem, NetworkSpec) else "hidden"

    def seed(self) -> str:
        """A cell that tangents can be taken by."""
        graph = self.session.setup.graph
        return self.cell_of([*(v for v in graph.given if v not in graph.constants), *graph.parameters])

    def settable(self) -> str:
        """A cell that can be set."""
        graph = self.session.setup.graph
        return self.one(self.cell_of([*graph.given, *graph.parameters]), "lr")

    def cell_of(self, vectors: Sequence[Vector]) -> str:
        """Any cell of some vectors."""
        vector = self.pick(vectors)
        row, column = (
            self.chance.randrange(len(vector.names)),
            self.chance.randrange(max(1, len(vector.columns))),
        )
        return str(vector.cell(vector.number(row, column)))


def cells_of(session: Console) -> list[str]:
    """The cells of a session as it stands: what it suggests, and what belongs to them."""
    known = session.scope.known_cells()
    graph = session.setup.graph
    names = [str(v.cell(v.number(row, c))) for v in graph.parameters for row in range(min(9, len(v.names)))
             for c in range(min(9, max(1, len(v.columns))))]  # fmt: skip
    locals_ = [
        f"d({edge.head.cell(k)}, {edge.tail.cell(0)})"
        for edges in graph.consumers for edge in edges for k in range(min(2, len(edge.head.names)))
    ]  # fmt: skip
    states = [f"{state}({name})" for state in session.setup.optimizer.states for name in names[:12]]
    tangents = [f"dot({name})" for name in known if name[:2] not in ("d(", "de", "lo")]
    return [*known, *locals_[:40], *states, *(tangents if session.setup.wrt is not None else tangents[:3])]


# --- a generator for each command ------------------------------------------------------------------------


def _level(lines: Lines) -> str:
    level = lines.pick(["", *LEVELS, WRONG])
    return f"{level} {lines.one('', lines.number(9))}".strip()


def _goto(lines: Lines) -> str:
    length = lines.session.length
    return lines.one(
        "start", "end", f"epoch {lines.number(3)}", lines.number(), str(lines.chance.randint(0, min(length, 500))),
        str(length), f"{max(0, length - 3)}",
    )  # fmt: skip


def _until(lines: Lines) -> str:
    return lines.one(
        lines.cell(), lines.cell(), lines.pick(PHASES), "note", lines.condition(), lines.condition()
    )


def _break(lines: Lines) -> str:
    return lines.where() + lines.one("", "", f" if {lines.condition()}")


def _cells(lines: Lines) -> str:
    return lines.one("", lines.cell(), lines.cell())


def _two_cells(lines: Lines) -> str:
    return lines.one("", lines.cell(), f"{lines.settable()} {lines.settable()}")


def _neuron(lines: Lines) -> str:
    names = [name for vector in lines.session.setup.graph.vectors for name in vector.names]
    return lines.one("", "", "all", lines.pick(names))


def _rule(lines: Lines) -> str:
    return lines.pick([*RULES, "off"])


def _set(lines: Lines) -> str:
    optimizer = lines.pick(sorted(OPTIMIZERS))
    return lines.one(
        f"{lines.settable()} = {lines.one(lines.value(), lines.expression())}",
        f"{lines.settable()} = {lines.value()}",
        f"lr = {lines.one('0.1', '0.5', 'lr / 2', 'lr * 3', '0')}",
        f"cost = {lines.pick(sorted(COSTS))}",
        f"activation {lines.layer()} = {lines.pick(sorted(ACTIVATIONS))}",
        f"optimizer = {optimizer}",
        f"optimizer = momentum nesterov={lines.one('true', 'false')}",
        f"rule = {lines.pick(sorted(RULES))}",
        f"mode = {lines.one('reverse', f'forward {lines.seed()}', f'forward {lines.settable()}')}",
        f"digits = {lines.number(2)}",
        f"notation = {lines.pick(sorted(NOTATIONS))}",
        f"glyphs = {lines.one('full', 'safe', 'ascii')}",
        f"theme = {lines.one('dark', 'light', 'mono')}",
        f"layout = {lines.one('columns', 'rows')}",
    )


def _notation(lines: Lines) -> str:
    first, second = lines.pick(sorted(NOTATIONS)), lines.pick(sorted(NOTATIONS))
    return lines.one("", first, "compare", f"compare {first}", f"compare {first} {second}")


def _exercise(lines: Lines) -> str:
    chosen = lines.pick([one.id for one in load_path(None)[0]])
    return lines.one("", "next", f"{chosen} seed={lines.number(9)}", chosen)


def _expect(lines: Lines) -> str:
    return lines.one(
        lines.condition(),
        f"{lines.expression()} = {lines.value()}",
        f"{lines.cell()} ~ {lines.value()} rel=10% abs=0.5",
        f"state {lines.cell()} {lines.pick(STATES)}",
        f"step = {lines.session.position}",
        f"verdict {lines.one('correct', 'wrong')}",
        f"diagnosis {lines.pick(sorted(RULES))}",
    )


def _load(lines: Lines) -> str:
    return lines.pick(SMALL) + lines.one("", "", f" seed={lines.number(9)}")


def _usual(row: Command) -> Callable[[Lines], str]:
    """What a command is given that nothing is said of in particular: its example, what it offers, a cell, nothing."""
    example = row.example.removeprefix(row.name).strip()
    return lambda lines: lines.one("", example, *row.names, *row.offers, lines.cell(), lines.expression())


#: What stands behind the name of a command, where it is not the usual.
_DRAWN: dict[str, Callable[[Lines], str]] = {
    "step": _level,
    "back": _level,
    "goto": _goto,
    "until": _until,
    "continue": lambda lines: "",
    "rcontinue": lambda lines: "",
    "break": _break,
    "watch": lambda lines: lines.one(lines.expression(), lines.condition()),
    "stops": lambda lines: "",
    "delete": lambda lines: lines.number(2),
    "why": _cells,
    "info": _cells,
    "paths": _two_cells,
    "by-hand": _cells,
    "fold": _neuron,
    "unfold": _neuron,
    "check": _cells,
    "compare": lambda lines: lines.one("mine.json", "none.json", "some.bps"),
    "diff": _rule,
    "print": lambda lines: lines.one(lines.expression(), lines.condition()),
    "show": lambda lines: lines.pick(SHOWN),
    "explain": lambda lines: "",
    "set": _set,
    "notation": _notation,
    "undo": lambda lines: "",
    "edits": lambda lines: "",
    "train": lambda lines: lines.one("", lines.number(9)),
    "fork": lambda lines: lines.one("", "a", "b"),
    "switch": lambda lines: lines.one("main", "a", "b", "run2"),
    "runs": lambda lines: "",
    "predict": lambda lines: lines.one("on", "off"),
    "exercise": _exercise,
    "exercises": lambda lines: "",
    "answer": lambda lines: lines.one(lines.value(), lines.expression(), "next", "hint", "reveal"),
    "hint": lambda lines: "",
    "reveal": lambda lines: "",
    "derive": lambda lines: lines.one("", "end", "off", lines.seed(), lines.seed(), lines.cell()),
    "=": lambda lines: lines.one(lines.expression(), f"d({lines.cell()}) * {lines.cell()}"),
    "play": lambda lines: lines.one("", lines.number()),
    "expect": _expect,
    "!": lambda lines: lines.draw(),
    "cmp": lambda lines: f"{lines.pick(SHOWN)} {lines.one('golden', 'none')}",
    "load": _load,
    "save": lambda lines: lines.one("saved.bps", "saved.bps --expect", "no/such/folder.bps"),
    "export": lambda lines: (
        f"{lines.pick([k for k in EXPORTED if k not in ('jsonl', 'csv', 'text')])} "
        + lines.one("out.txt", "out.txt", "out.svg", "out.md", "out.tex --theme mono", "out.txt --width 100")
    ),
    "source": lambda lines: lines.one("saved.bps", "some.bps", "more.bps", "none.bps"),
    "restart": lambda lines: "",
    "help": lambda lines: lines.pick(["", *COMMANDS]),
    "quit": lambda lines: "",
}

#: What stands behind the name of each command.
GENERATORS = {name: _DRAWN.get(name) or _usual(row) for name, row in COMMANDS.items()}

#: How often a command is drawn: movement and change make a session, what ends it makes it short.
_OFTEN = {"step": 4, "goto": 4, "until": 4, "continue": 4, "rcontinue": 3, "break": 3, "watch": 2, "set": 8, "undo": 2,
          "back": 2, "!": 2}  # fmt: skip
_SELDOM = ("load", "restart", "exercise", "quit", "help", "stops", "edits", "play", "save")
_WEIGHTED = [name for name in COMMANDS for _ in range(1 if name in _SELDOM else 2 * _OFTEN.get(name, 1))]


# --- sessions ----------------------------------------------------------------------------------------


def opened(scenario: str, folder: Path, *, wrt: str = "") -> Console:
    """A session as a prompt has it; ``wrt`` begins it in forward mode."""
    session = Console(load(scenario))
    attach(session)
    session.folder = folder
    (folder / "some.bps").write_text(f"load {scenario}\nstep 3\nprint step\n", encoding="utf-8")
    (folder / "mine.json").write_text('{"dW1": [[0.5, 0.25]], "d(b[h1])": 0.1, "d(x)": 4, "delta[h1]": 0.3}')
    (folder / "more.bps").write_text("step 3\nwatch step\nset digits = 5\n")
    session.blocks = {"golden": "nothing like it"}
    if wrt:
        session.execute(f"set mode = forward {wrt}")
    return session


def carried_out(session: Console, line: str) -> Answer | CommandError:
    """What comes of a line at a prompt, its text included; anything but a `CommandError` is raised."""
    try:
        answer = session.execute(line, at_prompt=True)
    except CommandError as error:
        return error
    if not isinstance(answer, Quit):
        plain_lines(session, answer, 80)
    return answer


def looked_at(session: Console, width: int = 80) -> None:
    """Draw what stands on a screen."""
    for name in ("network", "step", "chain", "program", "weights", "nodes"):
        view(session, name, width)


def state_of(session: Console) -> dict[str, object]:
    """All that a session is, as it can be held against another's: where, how, of which numbers, and what asks."""
    readings = {}
    for name in cells_of(session):
        reading = session.read(parse_cell(name, vocabulary=session.scope.vocabulary))
        value = None if reading is None or reading.value is None else np.float64(reading.value).tobytes()
        readings[name] = value, reading and reading.state
    tutor = session.tutor
    if tutor is None and session.hire is not None:  # one that was not needed yet has asked nothing
        tutor = session.hire()
    asks: tuple[object, ...] = ()
    if isinstance(tutor, ExerciseTutor):
        asks = (
            tutor.predicting,
            tutor.asked,
            tutor.verdict,
            tutor.diagnoses,
            tutor.is_asking,
            tutor.right,
            tutor.graded,
        )
    return {
        "scenario": session.scenario.name,
        "position": session.position,
        "length": session.length,
        "options": session.options,
        "stops": tuple((stop.number, stop.text) for stop in session.stops.stops),
        "edits": tuple((edit.at, edit.text) for edit in session.run.edits),
        "structure": str((session.setup.wrt, session.setup.rule.name, session.setup.training)),
        "folded": (session.folded, session.page),
        "before": session.before is None,
        "beside": session.compared_with and session.compared_with.name,
        "runs": (session.branch, sorted((name, kept.position) for name, kept in session.branches.items())),
        "asks": asks,
        "readings": readings,
    }


def played(scenario: str, lines: Sequence[str], folder: Path, *, wrt: str = "") -> Console:
    """A session after some lines."""
    session = opened(scenario, folder, wrt=wrt)
    for line in lines:
        carried_out(session, line)
    return session


def smallest(lines: Sequence[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    """As few of some lines as still fail: for the report of a failure, so that a reader sees what matters."""
    kept = list(lines)
    size = max(1, len(kept) // 2)
    while True:
        for start in range(len(kept) - size, -1, -size):
            fewer = kept[:start] + kept[start + size :]
            if fewer != kept and fails(fewer):
                kept = fewer
        if size == 1:
            return kept
        size //= 2
