"""Runs of what a program has at hand: a module of PyTorch, or a graph of scalars.

A program's own micrograd is stepped through as it is:

    >>> class Value:
    ...     def __init__(self, data, _prev=(), _op="", label=""):
    ...         self.data, self.grad, self._prev, self._op, self.label = data, 0.0, set(_prev), _op, label
    >>> x = Value(3.0, label="x")
    >>> y = Value(9.0, (x, x), "*", label="y")
    >>> y.grad, x.grad = 1.0, 3.0                      # = where += is meant: one of two contributions is lost
    >>> report = step(y)
    >>> report
    <GraphReport: 3 numbers read: 2 agree, 1 does not (double; within 1e-06).>
    >>> report.first[0].name, report.first[0].right, report.first[0].arrived
    ('d(x)', 6.0, "of d(x)'s two contributions only the one via y, 3, is in it")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bpstep.comparison.entries import NumbersError
from bpstep.comparison.report import Report, compare_numbers
from bpstep.debugger.console import Console
from bpstep.engine.rules import CORRECT
from bpstep.importing.graphs import graph_of
from bpstep.importing.torch import scenario_of
from bpstep.library.comparing import Comparison
from bpstep.library.run import Run
from bpstep.scenario.model import Scenario
from bpstep.streams import has_screen

__all__ = ["GraphReport", "from_torch", "step"]


def from_torch(module: Any, inputs: Any, target: Any, loss: Callable[[Any, Any], Any]) -> Run:
    """A run of an ``nn.Sequential``: Linear, activations, and softmax or log-softmax with the loss that goes with it.

    ``inputs`` are a tensor (samples, inputs), or one sample; ``target`` is what the loss takes; ``loss`` is MSELoss,
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss or NLLLoss with its ``reduction``, or the function that does the same.
    Weights of float32 are widened.  ``loss(module(inputs), target).backward()`` runs at once, and it is said how near
    its gradients are; the module's own ``grad`` are left as they were.

    Raises `ValueError` that names what is not supported with what is, or the gradient that is another one.
    """
    scenario, agreement = scenario_of(module, inputs, target, loss)
    print(agreement)
    return Run(scenario)


class GraphReport(Comparison):
    """What came of holding the numbers of a graph against the right ones; ``run`` stands where the first is wrong."""

    _shows = "report.run"

    def __init__(self, report: Report, scenario: Scenario) -> None:
        self.run = Run(scenario)
        super().__init__(report, self.run)
        if self.first and self.first[0].step:
            self.run.step(self.first[0].step)

    def __repr__(self) -> str:
        return super().__repr__().replace("<Comparison", "<GraphReport")


def step(loss: object) -> GraphReport:
    """Step through the graph that a loss is the value of, with the program's own derivatives beside the right ones.

    ``loss`` is a scalar of an automatic differentiator in micrograd's manner: an object with ``data``, ``grad`` and its
    operands in ``_prev`` (or ``_children``, ``prev``, ``_parents`` …), a set, a list or a tuple.  ``_op`` says its
    operation, or the method does in which its ``_backward`` was made, or the numbers do.  ``loss.backward()`` comes
    before: what is held against the right derivatives is what it left in ``grad``.

    In a terminal the screen opens on the first number that is wrong.  The report is returned in any case: print it.
    Raises `ValueError` for what is no graph of scalars.
    """
    graph = graph_of(loss)
    console = Console(graph.scenario)
    try:
        report = compare_numbers(
            console.run_under(CORRECT),
            graph.numbers,
            scenario=graph.scenario.name,
            source=graph.scenario.name,
        )
    except NumbersError as error:
        raise ValueError(str(error)) from None
    found = GraphReport(replace(report, taken=(*graph.taken, *report.taken)), graph.scenario)
    if has_screen():
        found.open()
    return found
