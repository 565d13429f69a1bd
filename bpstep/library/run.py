"""A run, for a program: its numbers and arrays by name, and a cursor to step with.

A run stands somewhere, at the start at first.  Numbers are those of the *pass* in which it stands, whole: a library has
no suspense, so a delta can be read before its step was gone to, and a sum has all its terms.  Only what lasts from pass
to pass, the parameters and the optimizer's state, is as the steps until here have left it.

    >>> from bpstep.library.opening import load
    >>> run = load("mazur-2-2-2")
    >>> round(run["delta[h1]"], 6), round(run["w[h1->o1] * delta[o1]"], 6)
    (0.008771, 0.055399)
    >>> run.grad["hidden"].weights
    array([[0.00043857, 0.00087714],
           [0.00049771, 0.00099543]])
    >>> run.until("update").formula
    'w[i1->h1] -= lr * d(w[i1->h1])'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from bpstep.comparison.report import Report
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import array_named, parse
from bpstep.debugger.moment import FINAL, GIVEN, Moment
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run as EngineRun
from bpstep.engine.specs import Array, NetworkSpec
from bpstep.engine.vectors import Vector
from bpstep.english import counted
from bpstep.library.arrays import kind_of
from bpstep.library.step import Step, row_of
from bpstep.scenario.arithmetic import STEP_KINDS, evaluate
from bpstep.scenario.model import Scenario
from bpstep.scenario.writing import scenario_document, toml_text
from bpstep.streams import has_screen
from bpstep.visible import visible

if TYPE_CHECKING:
    from bpstep.library.page import Page

__all__ = ["LayerArrays", "Run"]


@dataclass(frozen=True, eq=False)
class LayerArrays:
    """The arrays of a layer: ``weights`` (neurons, sources), ``bias`` (neurons,) or None.  They are copies."""

    weights: Array
    bias: Array | None = None


class Run:
    """A network or an expression, every step of its training, and a cursor among them.

    ``len(run)`` is the number of steps; `position` how many are done.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._console = Console(scenario)

    def __len__(self) -> int:
        return self._console.length

    def __repr__(self) -> str:
        title = visible(self._scenario.title)
        doubts = f"; {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"<Run {title!r}: {self._scenario.kind}, at step {self.position} of {len(self)}{doubts}>"

    def _repr_html_(self) -> str:
        """The run in a notebook: the network where it stands, this step, and what is hardly meant."""
        from bpstep.library.html import of_session

        doubts = [(f"warning: {warning}", "alarm") for warning in self.warnings]
        return of_session(self._console, [*doubts, *(self.explain().lines if self.position else ())])

    @property
    def _scenario(self) -> Scenario:
        return self._console.scenario

    @property
    def _run(self) -> EngineRun:
        return self._console.run

    @property
    def title(self) -> str:
        """The title of the scenario."""
        return self._scenario.title

    @property
    def warnings(self) -> tuple[str, ...]:
        """What can be computed but is hardly meant, such as cross-entropy on linear outputs, each with its remedy."""
        return tuple(str(warning) for warning in self._scenario.warnings)

    # --- numbers ----------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        """The number in a cell, or the value of arithmetic over cells: ``run["w[h1->o1] * delta[o1]"]``; of the bare
        name of an array, ``run["d(U)"]``, its numbers in its shape."""
        if not isinstance(name, str):
            raise ValueError(f'expected the name of a cell, such as "delta[h1]"; found {kind_of(name)}')
        with _as_value_error():
            array = array_named(self._console.scope, name)
            if array is not None:
                return np.array([self._number(cell) for cell in array.cells]).reshape(array.shape)
            node = parse(self._console.scope, name).node
        return evaluate(node, self._number)

    def _number(self, cell: Cell) -> float:
        """What stands in a cell here or, where it is not complete here, when this sample, this batch is done."""
        for moment in self._moments() if cell.kind not in STEP_KINDS else (self._console.moment,):
            reading = moment.read(cell)
            if reading is not None and reading.value is not None and reading.state in (GIVEN, FINAL):
                return reading.value
        raise ValueError(f"{cell} has no value at step {self.position}")

    def _moments(self) -> Iterator[Moment]:
        """Here, when the sample is done that the run stands in, and when its batch is."""
        run, here = self._run, self._console.moment
        yield here
        yield Moment(run, run.timeline.next_boundary(max(1, self.position) - 1, "sample"))
        yield Moment(run, run.timeline.start_of_batch(here.place.batch + 1))

    @property
    def grads(self) -> dict[str, float]:
        """The gradient of the pass, number by number: ``d(w[i1->h1])`` …; of an expression, of every input."""
        numbers = self._run.numbers(self._batch)
        found: dict[str, float] = {}
        for vector in numbers.graph.page:
            names = (f"d({cell})" for cell in vector.cells())
            found.update(zip(names, numbers.derivative(vector.id).ravel().tolist(), strict=True))
        return found

    @property
    def grad(self) -> dict[str, LayerArrays]:
        """The gradient of the pass, layer by layer: ``run.grad["hidden"].weights``."""
        numbers = self._run.numbers(self._batch)
        return self._by_layer(lambda vector: numbers.derivative(vector.id))

    @property
    def parameters(self) -> dict[str, LayerArrays]:
        """The parameters, layer by layer, as this pass uses them; at its end, as its update has left them."""
        run = self._run
        is_done = self.position == run.timeline.start_of_batch(self._batch + 1)
        graph = run.setup.graph
        views = graph.views(run.snapshot(self._batch + is_done).parameters)
        by_id = {vector.id: view for vector, view in zip(graph.parameters, views, strict=True)}
        return self._by_layer(lambda vector: by_id[vector.id])

    @property
    def _batch(self) -> int:
        return self._console.moment.place.batch

    def _by_layer(self, array: Callable[[Vector], Array]) -> dict[str, LayerArrays]:
        problem = self._scenario.problem
        if not isinstance(problem, NetworkSpec):
            raise ValueError(
                'an expression has no layers; its numbers are read by name: run["d(x)"], run.grads'
            )
        vectors = {(vector.layer, vector.kind): vector for vector in self._run.setup.graph.parameters}
        made = {}
        for layer in problem.layers:
            bias = vectors.get((layer.name, "b"))
            weights = array(vectors[layer.name, "w"]).copy()
            made[layer.name] = LayerArrays(weights, None if bias is None else array(bias).copy())
        return made

    # --- steps ------------------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """How many steps are done: 0 at the start."""
        return self._console.position

    def step(self, number: int | None = None) -> Step:
        """Go to the step with this number, from 1, forward or back; without a number, to the next one."""
        wanted = self.position + 1 if number is None else _whole(number)
        if not 1 <= wanted <= len(self):
            after = "the run is at its end; " if number is None else f"there is no step {wanted}; "
            raise ValueError(f"{after}expected one of 1 to {len(self)}")
        with _as_value_error():
            self._console.execute(f"goto {wanted}")
        return self.explain()

    def until(self, what: str) -> Step:
        """Go forward to the next step that makes a cell final, begins a phase, has a note, or makes a condition true:
        ``"delta[h1]"``, ``"backward"``, ``"note"``, ``"loss < 0.01"``; ``"end"`` is the last step."""
        if not isinstance(what, str) or "\n" in what:
            raise ValueError(f'expected a cell, a phase, "note", "end" or a condition; found {kind_of(what)}')
        with _as_value_error():
            self._console.execute("goto end" if what == "end" else f"until {what}")
        return self.explain()

    def restart(self) -> None:
        """Go back to the start."""
        self._console.position = 0

    def explain(self) -> Step:
        """The step that was done last: ``print(run.explain())``."""
        step = self._console.step
        if step is None:
            raise ValueError('nothing is done yet; expected a step first: run.step(), run.until("delta[h1]")')
        return Step(self._console, step)

    def to_dicts(self, first: int = 1, last: int | None = None) -> list[dict[str, object]]:
        """The steps from ``first`` to ``last`` (the end where None), a flat dictionary each, for a frame of pandas or
        polars."""
        last = len(self) if last is None else _whole(last)
        if not 1 <= _whole(first) <= last <= len(self):
            raise ValueError(f"there are no steps {first} to {last}; expected some of 1 to {len(self)}")
        return [row_of(step) for step in self._run.steps(first, last)]

    # --- elsewhere --------------------------------------------------------------------------------------

    def to_toml(self) -> str:
        """The text of a scenario file that loads as this run, to the last bit."""
        return toml_text(scenario_document(self._scenario))

    def open(self) -> None:
        """Show the run on the screen, where it stands; for this a terminal is needed."""
        self._show(self.position)

    def _show(self, position: int, held: Report | None = None) -> None:
        """The screen, with a learner's own numbers beside the right ones, if some were held against the run."""
        if not has_screen():
            raise ValueError("the screen needs a terminal; expected one, or in a notebook: run.widget()")
        from bpstep.debugger.settings import read_settings
        from bpstep.tui.app import run

        console, settings = Console(self._scenario), read_settings()
        settings.attend(console)
        console.held, console.position = held, position
        run(console, settings)

    def page(self, first: int | None = None, last: int | None = None) -> Page:
        """The run as one page of every step, or of those from ``first`` to ``last``: ``run.page().save("page.html")``,
        or as the value of a cell in a notebook."""
        from bpstep.library.page import page_of

        wanted = [None if number is None else _whole(number) for number in (first, last)]
        return page_of(self._console, *wanted)

    def widget(self) -> Any:
        """The run with buttons to step it, in a notebook; for this ipywidgets is needed (``bpstep[notebook]``)."""
        from bpstep.library.widget import stepping

        return stepping(self._console)


@contextmanager
def _as_value_error() -> Iterator[None]:
    """What a command would be told is told to a program."""
    try:
        yield
    except CommandError as error:
        raise ValueError(error.message) from None


def _whole(number: object) -> int:
    try:
        return index(number)  # type: ignore[arg-type]  # what has no index says so
    except TypeError:
        raise ValueError(f"expected the number of a step, a whole number; found {kind_of(number)}") from None
