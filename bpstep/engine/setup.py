"""What decides which steps there are and how they are computed: a problem, its training, a rule, a mode."""

from __future__ import annotations

from functools import cached_property
from threading import RLock

from bpstep.engine import cells
from bpstep.engine.build import Problem, build
from bpstep.engine.cells import Cell
from bpstep.engine.graph import Graph
from bpstep.engine.operation import Operation
from bpstep.engine.optimizers import OPTIMIZERS, Optimizer, settings_of
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.engine.specs import NetworkSpec, TrainingSpec
from bpstep.engine.tangents import Contribution, contributions_to, reached_from
from bpstep.engine.vectors import Entry, Mask
from bpstep.lazily import dataclass

__all__ = ["Setup", "setup_of"]

#: How many setups are kept for whoever asks for one of them again.
_MOST_RECENT = 16


@dataclass(frozen=True, eq=False)
class Setup:
    """All that decides which steps there are and how they are computed, but no numbers.

    A change of structure (another cost, activation, optimizer or rule) is another `Setup`.
    """

    problem: Problem
    training: TrainingSpec
    rule: Rule = CORRECT
    #: Forward mode: the cell that tangents are taken by.  None is reverse mode.
    wrt: Cell | None = None

    @cached_property
    def graph(self) -> Graph:
        """The compiled problem."""
        return build(self.problem, self.training)

    @cached_property
    def seed(self) -> Entry:
        """The place of ``wrt`` in the graph."""
        assert self.wrt is not None, "only forward mode has a seed"
        for vector in (*self.graph.given, *self.graph.parameters):
            for j, cell in enumerate(vector.cells()):
                if cell == self.wrt:
                    return vector, j
        raise KeyError(str(self.wrt))

    @cached_property
    def reached(self) -> list[Mask]:
        """Which cells hear of the seed of forward mode."""
        return reached_from(self.graph, self.seed)

    def tangents_to(self, operation: Operation, i: int) -> list[Contribution]:
        """The tangents that arrive at one cell of an operation's head in a sample, in order."""
        return contributions_to(operation, i, self.reached)

    @property
    def updates(self) -> bool:
        """Whether the parameters are changed at all."""
        return self.training.learning_rate is not None and self.wrt is None

    @property
    def is_network(self) -> bool:
        """Whether the problem is a network (else it is an expression)."""
        return isinstance(self.problem, NetworkSpec)

    @property
    def optimizer(self) -> Optimizer:
        """The row of the optimizer."""
        return OPTIMIZERS[self.training.optimizer.name]

    @cached_property
    def settings(self) -> dict[str, float]:
        """The optimizer's settings, defaults filled in."""
        return settings_of(self.training.optimizer)

    @cached_property
    def setting_cells(self) -> dict[str, Cell]:
        """The cells of the optimizer's settings, and of ``t``, the number of the update.

        A name that is a variable of the expression is the variable's; the setting's has an underscore behind it.
        """
        taken = {vector.layer for vector in self.graph.vectors if vector.kind == "var"}
        found: dict[str, Cell] = {}
        for setting in (*self.settings, "t") if self.optimizer.states else ():
            name = setting
            while name in taken:
                name += "_"
            found[setting] = cells.setting(name)
        return found

    def reduces(self, samples: int) -> bool:
        """Whether a batch of so many samples has `reduce` steps: a loss beside its costs."""
        return self.graph.loss is not None and (samples > 1 or self.training.l2 > 0.0)

    def share(self, samples: int) -> float:
        """d(loss)/d(cost) of one sample of a batch: what `seed` writes."""
        return 1.0 / self.graph.seed_over(samples)


_recent: tuple[Setup, ...] = ()
_MAKING = RLock()


def setup_of(
    problem: Problem, training: TrainingSpec, rule: Rule = CORRECT, wrt: Cell | None = None
) -> Setup:
    """The setup of a problem, with its graph.

    Who compares rules, restarts or goes back runs one problem many times, and its graph and the order of its steps
    hold none of the numbers of a run; so the last few setups are kept and given again.
    """
    global _recent
    with _MAKING:
        for setup in _recent:
            if setup.problem is problem and (setup.training, setup.rule, setup.wrt) == (training, rule, wrt):
                return setup
        made = Setup(problem, training, rule, wrt)
        _ = made.graph  # before another thread sees it
        _recent = (made, *_recent[: _MOST_RECENT - 1])
        return made
