"""The ``[network]`` of a file and its samples: checked, and as the engine's `NetworkSpec`.

The checks work on the raw tables and step over what has the wrong type (the schema reports that), so that one
mistake does not hide the next.
"""

from __future__ import annotations

import math
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from bpstep.engine.specs import INPUTS, Array, LayerSpec, NetworkSpec
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report, did_you_mean
from bpstep.scenario.samples import read_csv
from bpstep.scenario.statements import name_problem
from bpstep.scenario.weights import MOST_WEIGHTS, draw, written_bias, written_weights

__all__ = ["network_spec"]

_HERE = ("network",)


def network_spec(
    document: dict[str, Any], report: Report, folder: FilePath, seed: int | None
) -> NetworkSpec | None:
    """The problem that a document states; None where it is so broken that there is none."""
    table = document["network"]
    if not isinstance(table, dict):
        return None
    reader = _Reader(report, seed)
    inputs = reader.names(table.get("inputs"), "x{}", (*_HERE, "inputs"))
    layers = reader.layers(table.get("layer"), inputs)
    if not inputs or not layers:
        return None
    x, t = _samples(document, inputs, layers[-1].neurons, report, folder)
    cost = table.get("cost", "")
    if cost == "binary-cross-entropy" and t.size and not ((t >= 0.0) & (t <= 1.0)).all():
        report.add((*_HERE, "cost"), "binary-cross-entropy needs targets from 0 to 1")
    gradients = table.get("input_gradients", False) is True
    return NetworkSpec(tuple(inputs), tuple(layers), str(cost), x, t, gradients)


class _Reader:
    """Reads names and layers; remembers which names are taken."""

    def __init__(self, report: Report, seed: int | None) -> None:
        self.report, self.seed = report, seed
        self.taken: dict[str, Path] = {}
        self.sizes: dict[str, list[str]] = {}
        self.weights = 0

    def names(self, value: object, pattern: str, path: Path) -> list[str]:
        """A list of names, or a count that stands for one."""
        if isinstance(value, bool) or not isinstance(value, int | list):
            return []
        if isinstance(value, int):
            if not 1 <= value <= 1_000_000:
                self.report.add(path, f"{value} is no count; expected 1 or more")
                return []
            names = [pattern.format(number) for number in range(1, value + 1)]
        else:
            names = [name for name in value if isinstance(name, str)]
            if not value:
                self.report.add(path, "the list is empty; expected at least one name")
        for place, name in enumerate(names):
            self.take(name, (*path, place) if isinstance(value, list) else path)
        return names

    def take(self, name: str, path: Path) -> None:
        if problem := name_problem(name):
            self.report.add(path, problem)
        elif name in self.taken:
            self.report.add(path, f'the name "{name}" is used twice')
        self.taken.setdefault(name, path)

    def layers(self, tables: object, inputs: list[str]) -> list[LayerSpec]:
        if not isinstance(tables, list):
            return []
        self.sizes[INPUTS] = inputs
        made = [
            self.layer(table, (*_HERE, "layer", place), place)
            for place, table in enumerate(tables)
            if isinstance(table, dict)
        ]
        used = {source for layer in made for source in layer.sources}
        for place, layer in enumerate(made[:-1]):
            if layer.name not in used:
                self.report.add(
                    (*_HERE, "layer", place), f'the layer "{layer.name}" is used by no later layer'
                )
        return made

    def layer(self, table: dict[str, Any], path: Path, place: int) -> LayerSpec:
        name = table.get("name", f"l{place + 1}")
        if not isinstance(name, str):
            name = f"l{place + 1}"
        if problem := name_problem(name):
            self.report.add((*path, "name"), problem)
        elif name in self.sizes:
            self.report.add((*path, "name"), f'the layer name "{name}" is taken; expected another one')
        previous = list(self.sizes)[-1]
        sources = self.sources(table.get("from"), previous, name, path)
        neurons = tuple(self.names(table.get("neurons"), f"{name}_{{}}", (*path, "neurons")))
        columns = [neuron for source in sources for neuron in self.sizes.get(source, [])]
        self.sizes[name] = list(neurons)
        weights = self.layer_weights(table, neurons, columns, path)
        bias = written_bias(table.get("bias"), neurons, (*path, "bias"), self.report)
        frozen = frozenset(part for part in table.get("frozen") or () if isinstance(part, str))
        activation = str(table.get("activation", ""))
        return LayerSpec(name, neurons, activation, sources, weights, bias, frozen)

    def sources(self, value: object, previous: str, name: str, path: Path) -> tuple[str, ...]:
        if value is None:
            return (previous,)
        if not isinstance(value, list):
            return ()
        if not value:
            self.report.add((*path, "from"), "the list is empty; expected at least one layer")
        found: list[str] = []
        for place, source in enumerate(value):
            here = (*path, "from", place)
            if source not in self.sizes:
                near = did_you_mean(str(source), self.sizes)
                self.report.add(here, f'there is no layer "{source}" before this one{near}')
            elif source in found:
                self.report.add(here, f'the layer "{source}" is named twice')
            else:
                found.append(source)
        return tuple(found)

    def layer_weights(
        self, table: dict[str, Any], neurons: tuple[str, ...], columns: list[str], path: Path
    ) -> Array:
        shape = (len(neurons), len(columns))
        self.weights += shape[0] * shape[1]
        if self.weights > MOST_WEIGHTS:
            self.report.add(path, f"more than {MOST_WEIGHTS:,} weights; expected fewer")
            return np.zeros((0, 0))
        init, rows = table.get("init"), table.get("weights")
        if (init is None) == (rows is None):
            what = "neither weights nor init" if init is None else "both weights and init"
            self.report.add(path, f"{what}; expected one of them")
        if isinstance(init, dict):
            return draw(init, shape, (*path, "init"), self.report, self.seed)
        return written_weights(rows, neurons, columns, (*path, "weights"), self.report)


def _samples(
    document: dict[str, Any], inputs: list[str], outputs: tuple[str, ...], report: Report, folder: FilePath
) -> tuple[Array, Array]:
    """All inputs (samples, inputs) and targets (samples, outputs)."""
    file, tables = document.get("samples"), document.get("sample")
    if (file is None) == (tables is None or tables == []):
        what = "no samples" if file is None else "both [[sample]] and samples"
        report.add(("samples",) if file is not None else (), f"{what}; expected [[sample]] or samples")
    if isinstance(file, str):
        return read_csv(folder / file, file, inputs, outputs, report)
    x, t = [], []
    for place, table in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(table, dict):
            x.append(_row(table.get("input"), inputs, ("sample", place, "input"), "input", report))
            t.append(_row(table.get("target"), outputs, ("sample", place, "target"), "output", report))
    return (
        np.array(x, dtype=np.float64).reshape(-1, len(inputs)),
        np.array(t, dtype=np.float64).reshape(-1, len(outputs)),
    )


def _row(
    numbers: object, names: list[str] | tuple[str, ...], path: Path, what: str, report: Report
) -> list[float]:
    if not isinstance(numbers, list):
        return [0.0] * len(names)
    if len(numbers) != len(names):
        report.add(path, f"{len(numbers)} numbers; expected {len(names)}, one per {what}")
        return [0.0] * len(names)
    good = [isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in numbers]
    return [float(x) if fine else 0.0 for x, fine in zip(numbers, good, strict=True)]
