"""The rules that the steps of *this* scenario are cases of, with letters for the indices.

    e(j) = Σi w(i→j) · y(i) + b(j)          δ(j) = ∂E/∂y(j) · f′(e(j))          ∂E/∂w(i→j) = δ(j) · y(i)

What a rule says depends on the scenario: on the activation (softmax has a whole matrix of slopes, and no f′), on the
cost, the batch and the penalty on the weights.  Functions and costs are taken from their tables, so a new row there
is told here without more.  Everything is spelled by `Symbols`: the neurons of these
formulas are called i, j, k, and the rest is the same as for neurons with names.
"""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS, constant_text
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import LayerSpec, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols, enclosed

__all__ = ["Expression", "Network", "activation_formulas"]

#: A target that is neither 0 nor 1: for it a cost writes out every term.
_ANY_TARGET = 0.5


@dataclass(frozen=True)
class Network:
    """The rules of a network, as formulas.  Neuron j stands in the layer at hand, i before it, k behind it."""

    problem: NetworkSpec
    symbols: Symbols
    l2: float
    samples: int
    reduction: str

    @classmethod
    def of(cls, frame: Frame) -> Network:
        """The network of a session, as it is at the cursor."""
        setup, problem = frame.setup, frame.setup.problem
        assert isinstance(problem, NetworkSpec)
        samples = frame.moment.place.schedule.samples
        training = setup.training
        return cls(problem, frame.symbols, training.l2, samples, training.reduction)

    def layer(self, name: str) -> LayerSpec:
        """A layer by its name; the last where there is none of this name (the cost, the inputs)."""
        return next((layer for layer in self.problem.layers if layer.name == name), self.problem.layers[-1])

    # --- forward --------------------------------------------------------------------------------------

    def net(self, *layers: LayerSpec) -> str:
        """The weighted sum, with the bias where one of the layers has one."""
        s = self.symbols
        bias = f" + {s(cells.b('j'))}" if any(layer.bias is not None for layer in layers) else ""
        return f"{s(cells.e('j'))} = {self._sum('i')} {s(cells.w('i', 'j'))} · {s(cells.y('i'))}{bias}"

    def outputs(self, *layers: LayerSpec) -> str:
        """What becomes of the net input: of one function for all layers, that; else f."""
        s, names = self.symbols, {layer.activation for layer in layers}
        if len(names) == 1:
            return self.output(layers[0])
        of_layer = ", or softmax" if SOFTMAX in names else ""
        return f"{s(cells.y('j'))} = {s.notation.activation}({s(cells.e('j'))}){of_layer}"

    def by_activation(self) -> list[list[LayerSpec]]:
        """The layers, those with the same activation together."""
        found: dict[str, list[LayerSpec]] = {}
        for layer in self.problem.layers:
            found.setdefault(layer.activation, []).append(layer)
        return list(found.values())

    def output(self, layer: LayerSpec) -> str:
        """What becomes of the net input in a layer."""
        s = self.symbols
        if layer.activation == SOFTMAX:
            return f"{s(cells.y('j'))} = exp({s(cells.e('j'))}) / {self._sum('i')} exp({s(cells.e('i'))})"
        text = FUNCTIONS[layer.activation].text.replace("{a}", "{0}")
        return f"{s(cells.y('j'))} = {s.filled(text, [s(cells.e('j'))])}"

    def cost(self) -> str:
        """The cost of one sample."""
        s = self.symbols
        letters = {"y": s(cells.y("k")), "t": s(cells.t("k")), "K": str(len(self.problem.outputs))}
        return f"{s(cells.COST)} = {s.glyphs.spell(COSTS[self.problem.cost].formula.format(**letters))}"

    def loss(self) -> str:
        """The loss of the batch; "" where it is the cost of its one sample."""
        s = self.symbols
        if s.root == s.goal:
            return ""
        averaged = self.samples > 1 and self.reduction == "mean"
        share = f" / {self.samples}" if averaged else ""
        costs = f"{self._sum()}{s.goal}{share}" if self.samples > 1 else s.goal
        return f"{s.root} = {costs} + {self.penalty}" if self.penalty else f"{s.root} = {costs}"

    @property
    def penalty(self) -> str:
        """The penalty on large weights."""
        return self.symbols.glyphs.spell(f"{constant_text(self.l2)}/2 · Σ w²") if self.l2 > 0.0 else ""

    def _sum(self, index: str = "") -> str:
        return self.symbols.glyphs.spell(f"Σ{index}" if index else "Σ ")

    # --- backward -------------------------------------------------------------------------------------

    def seed(self) -> str:
        """Where the way back begins."""
        s = self.symbols
        averaged = self.samples > 1 and self.reduction == "mean"
        return f"{s(cells.d(cells.COST))} = {f'1/{self.samples}' if averaged else '1'}"

    def cost_slope(self) -> str:
        """The derivative of the cost by an output, as a formula."""
        s = self.symbols
        text = COSTS[self.problem.cost].texts(_ANY_TARGET)[1]
        text = text.format(y="{0}", t="{1}", K=str(len(self.problem.outputs)))
        return s.filled(text, [s(cells.y("k")), s(cells.t("k"))])

    def of_cost(self) -> str:
        """The local derivative of the cost."""
        s = self.symbols
        return f"{s(cells.local(cells.COST, cells.y('k')))} = {self.cost_slope()}"

    def to_output(self) -> str:
        """The whole derivative by an output of the network."""
        s = self.symbols
        seed = "1" if s.root == s.goal else s(cells.d(cells.COST))
        return f"{s(cells.d(cells.y('k')))} = {seed} · {enclosed(self.cost_slope())}"

    def slope(self, layer: LayerSpec) -> str:
        """The local derivative of an activation."""
        s = self.symbols
        if layer.activation == SOFTMAX:
            y_k, y_j = s(cells.y("k")), s(cells.y("j"))
            return f"{self.slope_name()} = {y_k} · (1 − {y_k}) for k = j, −{y_k} · {y_j} otherwise"
        text = FUNCTIONS[layer.activation].partial_text(0, ()).replace("{a}", "{0}").replace("{y}", "{1}")
        return f"{self.prime('j')} = {s.filled(text, [s(cells.e('j')), s(cells.y('j'))])}"

    def slope_name(self) -> str:
        """The derivative of one output of a softmax layer by one net input."""
        return self.symbols(cells.local(cells.y("k"), cells.e("j")))

    def prime(self, neuron: str) -> str:
        """f′ at the net input of a neuron."""
        return f"{self.symbols.prime}({self.symbols(cells.e(neuron))})"

    def delta(self, layer: LayerSpec, neuron: str = "j") -> str:
        """Back through the activation."""
        s = self.symbols
        delta = s(cells.d(cells.e(neuron)))
        if layer.activation == SOFTMAX:
            other = "k" if neuron == "j" else "i"
            slope = s(cells.local(cells.y(other), cells.e(neuron)))
            return f"{delta} = {self._sum(other)} {s(cells.d(cells.y(other)))} · {slope}"
        return f"{delta} = {s(cells.d(cells.y(neuron)))} · {self.prime(neuron)}"

    def delta_and_back(self, layer: LayerSpec) -> str:
        """The two in one: the delta of a hidden neuron, from the deltas of all that it sends to."""
        return f"{self.symbols(cells.d(cells.e('j')))} = {self.prime('j')} · {self.sum_of_deltas()}"

    def back(self) -> str:
        """What comes back over the wires to an output."""
        s = self.symbols
        return f"{s(cells.d(cells.y('j')))} = {self.sum_of_deltas()}"

    def sum_of_deltas(self) -> str:
        """The deltas of all that a neuron sends to, each over its wire."""
        s = self.symbols
        return f"{self._sum('k')} {s(cells.d(cells.e('k')))} · {s(cells.w('j', 'k'))}"

    def weight(self) -> str:
        """The gradient of a weight, from one sample."""
        return self._gradient(cells.w("i", "j"), f" · {self.symbols(cells.y('i'))}")

    def bias(self) -> str:
        """The gradient of a bias, from one sample."""
        return self._gradient(cells.b("j"), "")

    def _gradient(self, cell: Cell, factor: str) -> str:
        s = self.symbols
        sign = "=" if self.samples == 1 and not (self.l2 > 0.0 and cell.kind == "w") else "+="
        return f"{s(cells.d(cell))} {sign} {s(cells.d(cells.e('j')))}{factor}"

    def decay(self) -> str:
        """What the penalty on large weights adds to the gradient of a weight."""
        s, weight = self.symbols, cells.w("i", "j")
        return f"{s(cells.d(weight))} += {constant_text(self.l2)} · {s(weight)}"


def activation_formulas(network: Network, layer: LayerSpec) -> list[str]:
    """An activation and its slope."""
    return [network.output(layer), network.slope(layer)]


def _shared(frame: Frame, text: str) -> str:
    """What the loss takes of a number of each sample."""
    setup, samples = frame.setup, frame.moment.place.schedule.samples
    averaged = setup.graph.loss is not None and samples > 1 and setup.training.reduction == "mean"
    return f"{text} / {samples}" if averaged else text


@dataclass(frozen=True)
class Expression:
    """The rules of an expression: ``a`` is any variable, ``b`` any of its operands."""

    symbols: Symbols
    a: str
    b: str

    @classmethod
    def of(cls, symbols: Symbols) -> Expression:
        """With letters that are not the names of variables."""
        return cls(symbols, symbols.free_letter("A"), symbols.free_letter("B"))

    @property
    def forward(self) -> str:
        """An operation."""
        return f"{self.a} = f(its operands)"

    @property
    def sum(self) -> str:
        """A cell of ``@``, ``conv`` or ``sum``, which grows term by term."""
        return f"{self.a} = {self.symbols.glyphs.spell('Σ ')}of its terms"

    def loss(self, frame: Frame) -> str:
        """The loss of a batch."""
        return f"{self.symbols.root} = {self.symbols.glyphs.spell('Σ ')}{_shared(frame, self.symbols.goal)}"

    def seed(self, frame: Frame) -> str:
        """Where the way back begins."""
        return f"{self.symbols.derivative(self.symbols.goal)} = {_shared(frame, '1')}"

    @property
    def local(self) -> str:
        """The derivative of a variable by one of its operands."""
        return self.symbols.ratio(self.a, self.b)

    @property
    def contribution(self) -> str:
        """What one user of a variable adds."""
        return f"{self.symbols.derivative(self.b)} += {self.symbols.derivative(self.a)} · {self.local}"

    @property
    def whole(self) -> str:
        """All users of a variable."""
        sign = self.symbols.glyphs.spell("Σ ")
        of, by = (self.symbols.derivative(name) for name in (self.b, self.a))
        return f"{of} = {sign}over the users {self.a} of {self.b}  {by} · {self.local}"

    @property
    def tangent(self) -> str:
        """What one operand adds, going forward."""
        return f"dot({self.a}) += {self.local} · dot({self.b})"

    @property
    def whole_tangent(self) -> str:
        """All operands of a variable, going forward."""
        sign = self.symbols.glyphs.spell("Σ ")
        return f"dot({self.a}) = {sign}over the operands {self.b} of {self.a}  {self.local} · dot({self.b})"
