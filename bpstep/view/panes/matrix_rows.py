"""A layer as matrices, where a sample is a row (`set layout = rows`).

    forward             e = y · W + b          a row of numbers meets the columns of W: one column a neuron
    through a layer     ∂E/∂y = δ · Wᵀ         (BP2)
    its weights         ∂E/∂W = yᵀ · δ         (BP4)

It is the same layer as in `matrix`, with rows for columns: W has a row for each source and a column for each neuron.
The arrays are drawn as those of a program are (`falk`, `abreast`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import LayerSpec, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.panes.abreast import Abreast, draw_abreast
from bpstep.view.panes.blocks import Block
from bpstep.view.panes.falk import Product, draw_product
from bpstep.view.panes.sheet import Sheet, heading, slope, sources_of
from bpstep.view.scene.planes import Span, shape_of

__all__ = ["draw_by_rows"]

#: A row of numbers: what it is called, and the cell of each name.
_Row = tuple[str, Callable[[str], Cell]]


@dataclass(frozen=True)
class _Layer:
    """A layer, its neurons and its sources, and where in them this step is."""

    sheet: Sheet
    layer: LayerSpec
    neurons: Sequence[str]
    sources: Sequence[str]
    node: int
    source: int

    @classmethod
    def of(cls, sheet: Sheet, layer: LayerSpec, node: str, other: str) -> _Layer:
        neurons, sources = list(layer.neurons), sources_of(sheet, layer)
        return cls(sheet, layer, neurons, sources, _place(neurons, node), _place(sources, other))

    @property
    def shape(self) -> str:
        """The shape of the weights: a row a source, a column a neuron."""
        return shape_of(len(self.sources), len(self.neurons))

    def row(
        self, name: str, of: Callable[[str], Cell], names: Sequence[str], at: int, used: Span | None
    ) -> Block:
        """Numbers of some neurons as a row."""
        labels = tuple(names)
        return Block(name, 1, len(names), lambda r, c: of(names[c]), (0, at), used, column_labels=labels)

    def weights(self, name: str, of: Callable[[Cell], Cell], used: Span) -> Block:
        """The weights, or their gradients: a row a source, a column a neuron."""
        return Block(
            name, len(self.sources), len(self.neurons),
            lambda r, c: of(cells.w(self.sources[r], self.neurons[c])), (self.source, self.node), used,
            row_labels=tuple(self.sources), column_labels=tuple(self.neurons),
        )  # fmt: skip

    def turned(self, name: str, used: Span) -> Block:
        """The weights transposed: a row a neuron, a column a source."""
        return Block(
            name, len(self.neurons), len(self.sources),
            lambda r, c: cells.w(self.sources[c], self.neurons[r]), (self.node, self.source), used,
            row_labels=tuple(self.neurons), column_labels=tuple(self.sources),
        )  # fmt: skip


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else 0


def _itself(cell: Cell) -> Cell:
    return cell


def draw_by_rows(sheet: Sheet, problem: NetworkSpec, other: str) -> None:
    """The layer of this step as the books' equation for it, a sample being a row."""
    step = sheet.pen.step or sheet.pen.frame.upcoming
    assert step is not None, "a run has steps"
    layers = {layer.name: layer for layer in problem.layers}
    here = _Layer.of(sheet, layers.get(step.when.layer, problem.layers[-1]), step.when.node, other)
    of = step.cell.of
    if step.when.layer not in layers:
        _cost(here, step.cell)
    elif step.when.phase == "update":
        _update(here)
    elif step.when.phase == "forward":
        _forward(here, step.op)
    elif isinstance(of, Cell) and step.cell.kind == "d" and of.kind in ("w", "b"):
        _gradient(here, of.kind)
    else:
        _back(here, problem, step.cell)


# --- forward ------------------------------------------------------------------------------------------


def _forward(here: _Layer, op: str) -> None:
    pen, n = here.sheet.pen, here.sheet.pen.symbols.notation
    net, neurons = pen.symbols.net, len(here.neurons)
    plus = " + b" if here.layer.bias is not None else ""
    function = "softmax" if here.neurons[0] in pen.symbols.coupled else n.activation
    shapes = f"{shape_of(1, len(here.sources))}·{here.shape} → {shape_of(1, neurons)}"
    heading(here.sheet, f"{net} = {n.output} · W{plus}     {n.output} = {function}({net})", shapes)
    if op not in ("term", "bias", "apply"):
        rows: list[_Row] = [(f"dot({net})", lambda k: cells.dot(cells.e(k))), (pen.symbols.prime, slope)]
        _stacked(here, [*rows, (f"dot({n.output})", lambda k: cells.dot(cells.y(k)))], ["×", "▶"])
    elif op == "apply":
        _stacked(here, [(net, cells.e), (n.output, cells.y)], ["▶"])
    elif op == "bias":
        _stacked(here, [(net, cells.e), ("b", cells.b)], ["+"])
    else:
        j = here.node
        side = here.row(n.output, cells.y, here.sources, here.source, (0, 0, 0, len(here.sources) - 1))
        above = here.weights("W", _itself, (0, len(here.sources) - 1, j, j))
        cross = here.row(net, cells.e, here.neurons, j, (0, 0, j, j))
        _product(here, Product(side, above, cross, "▶", (n.output, f"meets column {j + 1} of W")))


def _cost(here: _Layer, cell: Cell) -> None:
    n = here.sheet.pen.symbols.notation
    row = shape_of(1, len(here.neurons))
    heading(here.sheet, f"{n.cost} = C({n.output}, {n.target})", f"{row}, {row} → (1×1)")
    single = here.sheet.pen.symbols(cell)
    blocks = [
        here.row(n.output, cells.y, here.neurons, here.node, None),
        here.row(n.target, cells.t, here.neurons, here.node, None),
        Block(single, 1, 1, lambda r, c: cell),
    ]
    draw_abreast(here.sheet.pen, here.sheet.top + 1, Abreast(blocks, [",", "▶"]))


# --- back ---------------------------------------------------------------------------------------------


def _back(here: _Layer, problem: NetworkSpec, cell: Cell) -> None:
    """What arrives at the outputs of a layer, and at its net inputs."""
    of = cell.of
    is_of_output = cell.kind == "d" and isinstance(of, Cell) and of.kind == "y"
    after = [other for other in problem.layers if here.layer.name in other.sources]
    pen, n = here.sheet.pen, here.sheet.pen.symbols.notation
    by_output = pen.symbols.derivative(n.output)
    is_softmax = here.neurons[0] in pen.symbols.coupled
    follows = (
        f"{n.delta} = {by_output} · J" if is_softmax else f"{n.delta} = {by_output} ∘ {pen.symbols.prime}"
    )
    count = len(here.neurons)
    row = shape_of(1, count)
    shapes = f"{row}·{shape_of(count, count)} → {row}" if is_softmax else f"{row} ∘ {row} → {row}"
    if is_of_output and after:
        _through(here, after, by_output, follows)
    elif is_of_output or (cell.kind == "local" and isinstance(of, Cell) and of.kind == "cost"):
        heading(here.sheet, follows, shapes, "BP1")
        rows: list[_Row] = [
            (by_output, lambda k: cells.d(cells.y(k))),
            (n.output, cells.y),
            (n.target, cells.t),
        ]
        _stacked(here, rows, ["◀", ","])
    elif is_softmax:
        heading(here.sheet, follows, shapes, "BP1")
        _jacobian(here, by_output)
    else:
        heading(here.sheet, follows, shapes, "BP2" if after else "BP1")
        rows = [(n.delta, lambda k: cells.d(cells.e(k))), (by_output, lambda k: cells.d(cells.y(k)))]
        _stacked(here, [*rows, (pen.symbols.prime, slope)], ["◀", "×"])


def _through(here: _Layer, after: Sequence[LayerSpec], by_output: str, follows: str) -> None:
    """∂E/∂y = δ · Wᵀ: the deltas of the next layer meet a column of its Wᵀ, which is a row of W."""
    pen, n = here.sheet.pen, here.sheet.pen.symbols.notation
    step = pen.step
    head = step.upstream.cell.of if step is not None and step.upstream is not None else None
    name = str(head.of) if isinstance(head, Cell) else ""
    to = next((other for other in after if name in other.neurons), after[0])
    there = _Layer.of(here.sheet, to, name, here.neurons[here.node])
    sign = "=" if len(after) == 1 else "+="
    row, out = shape_of(1, len(there.sources)), len(there.neurons)
    turned = shape_of(out, len(there.sources))
    heading(
        here.sheet,
        f"{by_output} {sign} {n.delta} · Wᵀ     {follows}",
        f"{shape_of(1, out)}·{turned} → {row}",
        "BP2",
    )
    k = there.source
    side = there.row(n.delta, lambda i: cells.d(cells.e(i)), there.neurons, there.node, (0, 0, 0, out - 1))
    above = there.turned("Wᵀ", (0, out - 1, k, k))
    cross = there.row(by_output, lambda j: cells.d(cells.y(j)), there.sources, k, (0, 0, k, k))
    _product(
        here, Product(side, above, cross, "━", (f"{n.delta}({to.name})", f"meets row {k + 1} of W:", "Wᵀ"))
    )


def _jacobian(here: _Layer, by_output: str) -> None:
    """δ = ∂E/∂y · J: of softmax every output hears every net input."""
    n, names, count = here.sheet.pen.symbols.notation, here.neurons, len(here.neurons)
    step = here.sheet.pen.step
    head = step.upstream.cell.of if step is not None and step.upstream is not None else None
    i, j = _place(names, str(head.of) if isinstance(head, Cell) else ""), here.node
    side = here.row(by_output, lambda k: cells.d(cells.y(k)), names, i, (0, 0, 0, count - 1))
    above = Block(
        "J", count, count, lambda r, c: cells.local(cells.y(names[r]), cells.e(names[c])), (i, j),
        (0, count - 1, j, j), row_labels=tuple(names), column_labels=tuple(names),
    )  # fmt: skip
    cross = here.row(n.delta, lambda k: cells.d(cells.e(k)), names, j, (0, 0, j, j))
    _product(here, Product(side, above, cross, "▶", (by_output, f"meets column {j + 1} of J")))


def _gradient(here: _Layer, kind: str) -> None:
    """∂E/∂W = yᵀ · δ: an entry is one number of y, at the side, times one of δ, below."""
    pen, n = here.sheet.pen, here.sheet.pen.symbols.notation
    several = pen.frame.moment.batch.numbers.samples > 1 or pen.frame.setup.training.l2 > 0.0
    sign, by_weights, by_bias = "+=" if several else "=", pen.symbols.derivative("W"), ""
    if here.layer.bias is not None:
        by_bias = f"     {pen.symbols.derivative('b')} {sign} {n.delta}"
    shapes = f"{shape_of(len(here.sources), 1)}·{shape_of(1, len(here.neurons))} → {here.shape}"
    heading(here.sheet, f"{by_weights} {sign} {n.output}ᵀ · {n.delta}{by_bias}", shapes, "BP4, BP3")
    if kind == "b":
        rows: list[_Row] = [
            (by_bias.split()[0], lambda k: cells.d(cells.b(k))),
            (n.delta, lambda k: cells.d(cells.e(k))),
        ]
        _stacked(here, rows, ["◀"])
        return
    i, j = here.source, here.node
    side = here.row(n.output, cells.y, here.sources, i, (0, 0, i, i))
    above = here.weights(by_weights, cells.d, (i, i, j, j))
    cross = here.row(n.delta, lambda k: cells.d(cells.e(k)), here.neurons, j, (0, 0, j, j))
    words = (f"{n.output} stands at the side:", "an entry is one of", f"{n.output} × one of {n.delta}")
    _product(here, Product(side, above, cross, "◀", words))


# --- the update, and how rows are drawn ---------------------------------------------------------------


def _update(here: _Layer) -> None:
    pen, optimizer = here.sheet.pen, here.sheet.pen.frame.setup.optimizer
    gradient, rate, shape = pen.symbols.derivative("W"), pen.symbols.notation.rate, here.shape
    plain = f"W −= {rate} · {gradient}", f"{shape} − {rate}·{shape} → {shape}"
    heading(here.sheet, *(plain if optimizer.is_plain else (f"W, changed by {optimizer.name}", "")))
    used = (here.source, here.source, here.node, here.node)
    blocks = [here.weights("W", _itself, used), here.weights(gradient, cells.d, used)]
    blocks += [here.weights(state, partial(cells.state, state), used) for state in optimizer.states]
    signs = [f"−= {rate} ·" if optimizer.is_plain else ",", *[","] * len(optimizer.states)]
    step = pen.step
    if step is not None and step.cell.kind == "b":
        by_bias = pen.symbols.derivative("b")
        _stacked(here, [("b", cells.b), (by_bias, lambda k: cells.d(cells.b(k)))], [signs[0]])
        return
    draw_abreast(pen, here.sheet.top + 1, Abreast(blocks, signs))


def _stacked(here: _Layer, rows: Sequence[_Row], signs: Sequence[str]) -> None:
    """Numbers of the neurons, row below row."""
    j = here.node
    blocks = [here.row(name, of, here.neurons, j, (0, 0, j, j)) for name, of in rows]
    draw_abreast(here.sheet.pen, here.sheet.top + 1, Abreast(blocks, signs))


def _product(here: _Layer, product: Product) -> None:
    draw_product(here.sheet.pen, here.sheet.top + 1, product)
