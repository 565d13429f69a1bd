"""Layers, a cost and samples, as the tables of a scenario file."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine.specs import INPUTS, Array
from bpstep.lazily import dataclass
from bpstep.scenario.functions import name_problem
from bpstep.scenario.loader import MOST_BYTES, stated
from bpstep.scenario.writing import Document, toml_text
from bpstep.visible import visible

__all__ = ["ImportedLayer", "ModelError", "network_document", "scenario_text", "sizes_text"]

#: A number takes at least so many characters in a file: "0.5, ".
_LEAST_TEXT = 5
_TOO_LARGE = (
    f"too many numbers: the scenario would be larger than {MOST_BYTES >> 20} MB; expected a smaller network"
)


class ModelError(ValueError):
    """A model that can not be read; the message is one line and safe for a terminal."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


@dataclass(frozen=True, eq=False)
class ImportedLayer:
    """A layer: ``weights`` (neurons, sources), ``bias`` (neurons,) or None; ``name`` is what the model calls it."""

    name: str
    activation: str
    weights: Array
    bias: Array | None
    frozen: tuple[str, ...] = ()


def network_document(
    title: str, layers: Sequence[ImportedLayer], cost: str, x: Array, t: Array, *, reduction: str = "mean"
) -> Document:
    """The tables of a file whose network has these layers, one after the other; all samples are one batch.

    ``x`` (samples, inputs), ``t`` (samples, outputs).
    """
    names = _layer_names([layer.name for layer in layers])
    tables = []
    for name, layer in zip(names, layers, strict=True):
        table: Document = {"name": name, "neurons": len(layer.weights), "activation": layer.activation}
        if layer.frozen:
            table["frozen"] = list(layer.frozen)
        table["weights"] = layer.weights.tolist()
        if layer.bias is not None:
            table["bias"] = layer.bias.tolist()
        tables.append(table)
    samples = [{"input": a, "target": b} for a, b in zip(x.tolist(), t.tolist(), strict=True)]
    training: Document = {"batch": "full"} | ({} if reduction == "mean" else {"reduction": reduction})
    return {
        "format": 1, "title": title,
        "network": {"inputs": layers[0].weights.shape[1], "cost": cost, "layer": tables},
        "sample": samples, "training": training,
    }  # fmt: skip


def scenario_text(document: Document, shown: str) -> str:
    """The tables as the text of a file that loads.  Raises `ModelError`, `ScenarioError` for what no file may have."""
    if _numbers_in(document) * _LEAST_TEXT > MOST_BYTES:
        raise ModelError(_TOO_LARGE)
    stated(document, shown)
    text = toml_text(document)
    if len(text.encode()) > MOST_BYTES:
        raise ModelError(_TOO_LARGE)
    return text


def _numbers_in(document: Document) -> int:
    weights = (layer["weights"] for layer in document["network"]["layer"])
    return sum(len(rows) * len(rows[0]) for rows in weights)


def _layer_names(wanted: Sequence[str]) -> list[str]:
    """The names of a model where they can be names of layers; l1, l2, … where one of them can not."""
    taken = {INPUTS, "x"}  # the inputs are called x1, x2, …
    usable = [not name_problem(name) and name not in taken for name in wanted]
    if all(usable) and len(set(wanted)) == len(wanted) and not _meet(wanted):
        return list(wanted)
    return [f"l{k}" for k in range(1, len(wanted) + 1)]


def _meet(names: Sequence[str]) -> bool:
    """Whether neurons of two layers could have one name: a_1 of layer a_1 and of layer a."""
    return any(a != b and a.startswith(f"{b}_") for a in names for b in names)


def sizes_text(layers: Sequence[ImportedLayer]) -> str:
    """The sizes of a net, as one says them: 2-3-1."""
    return "-".join(str(n) for n in (layers[0].weights.shape[1], *(len(layer.weights) for layer in layers)))
