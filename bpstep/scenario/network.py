"""The ``[network]`` of a file and its samples: checked, and as the engine's `NetworkSpec`.

What was refused is not known, and what depends on it is not judged: a layer whose neurons are not known has no shape
that its weights could miss.  So one mistake gives one message, and it does not hide the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.specs import INPUTS, Array, LayerSpec, NetworkSpec
from bpstep.english import neither
from bpstep.reach import Reach
from bpstep.scenario.functions import name_problem
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report
from bpstep.scenario.samples import read_csv, written_samples
from bpstep.scenario.schema import (
    MOST_NAMES,
    LayerTable,
    NetworkTable,
    SamplesTable,
    SampleTable,
    ScenarioFile,
)
from bpstep.scenario.weights import MOST_WEIGHTS, check_init, draw, written_bias, written_weights

__all__ = ["network_spec"]

_HERE = ("network",)

Names = tuple[str, ...]


def network_spec(
    file: ScenarioFile, table: NetworkTable, report: Report, reach: Reach, seed: int | None
) -> NetworkSpec | None:
    """The problem that a file states; None where its names, layers or sources are not known.

    Where something else was refused, zeros stand in for it, so that notes can be checked against the steps.
    """
    reader = _Reader(report, seed)
    inputs = reader.names(table.inputs, "x{}", (*_HERE, "inputs"))
    layers = reader.layers(table.layer or [], inputs)
    samples = _samples(file, inputs, layers[-1].neurons if layers and layers[-1] else None, report, reach)
    known = [layer for layer in layers if layer is not None]
    if inputs is None or not known or len(known) < len(layers) or not (reader.sound and reader.named):
        return None
    none = np.zeros((1, len(inputs))), np.zeros((1, len(known[-1].neurons)))
    x, t = none if samples is None else samples
    cost = table.cost or "half-squared-error"
    if reason := COSTS[cost].refuses(t):
        report.add((*_HERE, "cost"), reason)
    return NetworkSpec(inputs, tuple(known), cost, x, t, table.input_gradients)


class _Reader:
    """Reads names and layers; remembers which names are taken."""

    def __init__(self, report: Report, seed: int | None) -> None:
        self.report, self.seed = report, seed
        self.taken: set[str] = set()
        #: The neurons of the inputs and of each layer so far; None where they are not known.
        self.neurons: dict[str, Names | None] = {}
        self.previous = INPUTS
        #: Whether every name is one, no two things have the same, and every layer leads to the last.
        self.sound = True
        #: Whether the names of all layers are known, and all that the layers name as their sources.
        self.named = self.wired = True
        self.weights = 0

    def wrong(self, path: Path, message: str) -> None:
        """Something is wrong with a name, so that there is no net to run."""
        self.sound = False
        self.report.add(path, message)

    def names(self, value: list[str] | int | None, pattern: str, path: Path) -> Names | None:
        """A list of names, or a count that stands for one."""
        if value is None:
            return None
        count = value if isinstance(value, int) else len(value)
        if len(self.taken) + count > MOST_NAMES:
            self.report.add(path, f"more than {MOST_NAMES:,} inputs and neurons in all; expected fewer")
            return None
        if isinstance(value, int):
            names = [pattern.format(k + 1) for k in range(count)]
            if not self.report.has((*path[:-1], "name")):  # of the layer, after which they are called
                self.take(path, next((name for name in names if name in self.taken), names[0]))
            self.taken.update(names)
            return tuple(names)
        for place, name in enumerate(value):
            self.take((*path, place), name)
        return tuple(value)

    def take(self, path: Path, name: str) -> None:
        """A name for one neuron or input."""
        if problem := name_problem(name):
            self.wrong(path, problem)
        elif name in self.taken:
            self.wrong(path, f'the name "{name}" is used twice')
        self.taken.add(name)

    def layers(self, tables: Sequence[LayerTable], inputs: Names | None) -> list[LayerSpec | None]:
        self.neurons[INPUTS] = inputs
        used: set[str] = set()
        names: list[str] = []
        made: list[LayerSpec | None] = []
        for place, table in enumerate(tables):
            path = (*_HERE, "layer", place)
            names.append(self.layer_name(table, place, path))
            used.update(table.from_ or [self.previous])
            sources = self.sources(table, path)
            made.append(self.layer(table, names[-1], sources, path))
        for place, name in enumerate(names[:-1]):
            if self.named and self.wired and name not in used:
                self.wrong((*_HERE, "layer", place), f'the layer "{name}" is used by no later layer')
        return made

    def layer_name(self, table: LayerTable, place: int, path: Path) -> str:
        here = (*path, "name")
        name = table.name if table.name is not None else f"l{place + 1}"
        if problem := name_problem(name):
            self.wrong(here, problem)
        elif name in self.neurons:
            self.wrong(here, f'the layer name "{name}" is taken; expected another one')
        if self.report.has(here):
            self.named = False  # other layers may know it by the name that was meant
        return name

    def sources(self, table: LayerTable, path: Path) -> list[str] | None:
        """What a layer is fed from; None where that is not known."""
        if self.report.has((*path, "from")):
            self.wired = False
            return None
        if table.from_ is None:
            return [self.previous]
        good, seen = True, set[str]()
        for place, source in enumerate(table.from_):
            here = (*path, "from", place)
            if source in seen:
                good = False
                self.report.add(here, f'the layer "{source}" is named twice')
            elif source not in self.neurons:
                good = self.wired = False
                if self.named:
                    near = self.report.did_you_mean(source, self.neurons)
                    self.report.add(here, f'there is no layer "{source}" before this one{near}')
            seen.add(source)
        return table.from_ if good else None

    def layer(self, table: LayerTable, name: str, sources: list[str] | None, path: Path) -> LayerSpec | None:
        neurons = self.names(table.neurons, f"{name}_{{}}", (*path, "neurons"))
        columns = self.columns(sources)
        self.neurons[name] = None if name in self.neurons else neurons
        self.previous = name
        weights = self.layer_weights(table, neurons, columns, path)
        bias = written_bias(table.bias, neurons, (*path, "bias"), self.report)
        if neurons is None or sources is None or weights is None or table.activation is None:
            return None
        frozen = frozenset(table.frozen or ())
        return LayerSpec(name, neurons, table.activation, tuple(sources), weights, bias, frozen)

    def columns(self, sources: list[str] | None) -> list[str] | None:
        """The neurons of all sources, end to end; None where they are not known."""
        found: list[str] = []
        for source in sources or ():
            neurons = self.neurons.get(source)
            if neurons is None:
                return None
            found += neurons
        return found if sources is not None else None

    def layer_weights(
        self, table: LayerTable, neurons: Names | None, columns: list[str] | None, path: Path
    ) -> Array | None:
        """The weights, zeros where they were refused; None where their shape is not known, or is too large."""
        weights = table.weights is not None or self.report.has((*path, "weights"))
        drawn = table.init is not None or self.report.has((*path, "init"))
        if weights == drawn:
            what = "both weights and init" if drawn else neither("weights", "init")
            self.report.add(path, f"{what}; expected one of them")
        init = None if table.init is None else check_init(table.init, (*path, "init"), self.report)
        if neurons is None or columns is None:
            return None
        shape = (len(neurons), len(columns))
        self.weights += shape[0] * shape[1]
        if self.weights > MOST_WEIGHTS:
            self.report.add(path, f"more than {MOST_WEIGHTS:,} weights in all; expected fewer")
            return None
        if init is not None and not self.report.problems:
            return draw(init, shape, self.seed, (*path, "init"), self.report)
        return written_weights(table.weights, neurons, columns, (*path, "weights"), self.report)


def _samples(
    file: ScenarioFile, inputs: Names | None, outputs: Names | None, report: Report, reach: Reach
) -> tuple[Array, Array] | None:
    """All inputs (samples, inputs) and targets (samples, outputs); None where they are not known."""
    written = bool(file.sample) or report.has(("sample",))
    named = file.samples is not None or report.has(("samples",))
    if written and named:
        report.add(("samples",), "both [[sample]] and samples; expected one of them")
    elif not written and not named:
        report.add((), "no samples; expected [[sample]], or samples and the path of a CSV file")
    if file.samples is not None and not written:
        if inputs is None or outputs is None:
            return None
        named_file = SamplesTable(file=file.samples) if isinstance(file.samples, str) else file.samples
        return None if named_file.file is None else read_csv(reach, named_file, inputs, outputs, report)
    tables = [table for table in file.sample or () if isinstance(table, SampleTable)]
    for place, table in enumerate(file.sample or ()):
        if not isinstance(table, SampleTable):
            says = "a network does not take it; expected input and target"
            report.add(("sample", place, "values"), says)
    return written_samples(tables, inputs, outputs, report)
