"""What can be read about more than one command: the topics of the help.

A topic is a row: its name, its title, and what makes its text.  A paragraph is a string, a row of a list a pair; what
lists something that a table has (operations, notations, rules, functions, mistakes) is made from that table, so that
it is as long as the table is.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping

TYPE_CHECKING = False  # the help names the topics at once: `typing` and `dataclasses` are slow to load
if TYPE_CHECKING:
    from collections.abc import Callable

    from bpstep.debugger.command import Command

__all__ = ["TOPICS", "Part", "Topic"]

#: A paragraph, or a row of a list: what it is about, and what it says.
Part = str | tuple[str, str]
_Commands = Mapping[str, "Command"]


class Topic(namedtuple("Topic", "title parts")):
    """A topic: ``parts`` makes its text, of the table of commands and of other tables."""

    title: str
    parts: Callable[[_Commands], Iterable[Part]]

    __slots__ = ()


def _these(commands: _Commands, *names: str) -> list[Part]:
    return [(commands[name].usage, commands[name].does) for name in names]


def _cells(commands: _Commands) -> list[Part]:
    from bpstep.engine.cells import CLOCK_KINDS

    return [
        "A cell is the name of a number. It is the same on the screen, at the prompt, in scripts and in traces.",
        (
            "x, v, y",
            "a variable of an expression; in a program over arrays U is an array and U[3,1] a cell of it",
        ),
        ("y[h1]", "the output of neuron h1; y[i1] is the value of an input"),
        ("e[h1]", "its net input: the weighted sum and the bias"),
        ("w[i1->h1], b[h1]", "a weight, from i1 to h1; a bias"),
        ("t[o1]", "a target"),
        ("cost, loss", "the cost of this sample; the loss of the batch"),
        ("d(X)", "the derivative of the loss (of the output) by X; delta[h1] is short for d(e[h1])"),
        ("d(A, B)", "a local derivative, of A by B; local[h1] is short for d(y[h1], e[h1])"),
        ("dot(X)", "the tangent of X in forward mode"),
        ("m(X), v(X)", "what the optimizer keeps of X"),
        (", ".join(CLOCK_KINDS), "where and how we stand"),
        "Arithmetic over cells stands wherever a value is asked for: print w[h1->o1] * delta[o1]. What is printed can "
        "be typed: ∂E/∂w(i1→h1) is a name, too. A name stands for what it is in the notation that is set; brackets "
        "always mean these letters.",
        "A cell is given, unset (no step has written it yet), partial (k of n contributions have arrived), final, "
        "stale (made from what was changed since) or overridden (set by hand). info CELL says which.",
    ]


#: What each kind of step does.
_STEPS = {
    "term": "one product of a weighted sum: e += w · y",
    "bias": "the bias comes into the sum",
    "apply": "a function is applied: the output of a neuron, a variable",
    "cost": "the cost of one output",
    "reduce": "the costs of a batch become its loss",
    "seed": "the derivative of the end by itself, where the way back begins",
    "local": "a local derivative is worked out",
    "contribute": "upstream times local comes into a derivative, one consumer at a time",
    "tangent": "in forward mode: a tangent gathers",
    "state": "the optimizer's own numbers",
    "update": "a weight or a bias is changed",
}


def _steps(commands: _Commands) -> list[Part]:
    from bpstep.engine.steps import OPS
    from bpstep.engine.timeline import LEVELS

    return [
        "A run is a row of numbered steps, each of which writes one cell. They are of these kinds:",
        *((op, _STEPS[op]) for op in OPS),
        "A phase is forward, backward or update. Forward and backward are done for every sample of a batch, and then "
        "comes one update from the old weights. A cell gathers all its contributions in one block of steps, in the "
        "order of its consumers.",
        f"step and back take a level: {', '.join(LEVELS)}. n is a neuron, ] a phase, }} an epoch.",
        *_these(commands, "step", "back", "goto", "until", "break"),
    ]


def _notations(commands: _Commands) -> list[Part]:
    from bpstep.scenario.notations import NOTATIONS

    letters = [
        (row.name, f"net input {row.net}, output {row.output}, ∂/∂net {row.delta}, activation {row.activation}, "
                   f"target {row.target}, cost {row.cost}, rate {row.rate}")
        for row in NOTATIONS.values()
    ]  # fmt: skip
    return [
        "The letters of a book: every formula changes, and no number.",
        *letters,
        "On the screen, o chooses one. set notation = nielsen --keep has it in every session to come. Names are read "
        "in the notation that is set, and with brackets always in bpstep's own.",
        *_these(commands, "notation"),
    ]


def _rules(commands: _Commands) -> list[Part]:
    from bpstep.engine.rules import RULES

    return [
        "A rule is a way to propagate back: the right one, or a mistake that people make.",
        *((rule.name, rule.says) for rule in RULES.values()),
        "On the screen, r chooses one. set rule = NAME holds from the next batch on; bpstep diff SCENARIO --rule NAME "
        "sets a wrong rule beside the right one.",
        *_these(commands, "diff", "check"),
    ]


def _samples(commands: _Commands) -> list[Part]:
    return [
        "Samples stand in the scenario, or in a file beside it:",
        ("[[sample]]", "input = [0.05, 0.10] and target = [0.01, 0.99], once for each sample"),
        ('samples = "data.csv"', "a header with the names of the inputs and of the outputs, then a line a sample"),
        ('samples = { file = "iris.csv", label = "species", standardize = true }',
         "the targets are the classes of a column, one output each; every input gets mean 0 and deviation 1"),
        "Fields are parted by commas, semicolons or tabs; where not by commas, decimal commas are read. batch, in "
        "[training], is how many samples make an update, and reduction is their mean or their sum.",
        "step sample goes to the end of a sample; goto epoch 2 to the start of an epoch; sample is the number of the "
        "one at hand.",
    ]  # fmt: skip


def _arrays(commands: _Commands) -> list[Part]:
    from bpstep.scenario.functions import ARRAY_FUNCTIONS, function_names

    return [
        'A program states what is computed, over numbers and arrays: define = ["h = tanh(X @ U + b)", "L = sum(h)"].',
        ("@", "the product of two arrays"),
        ("A.T", "an array with its axes turned round"),
        ("A[2,1], A[2]", "a cell, or a row: places count from 1"),
        ("for i in 1..4: h{i} = ...", "a statement for each i"),
        *((form.text, _SAYS_OF_ARRAYS.get(name, "a cost, summed over all cells"))
          for name, form in ARRAY_FUNCTIONS.items()),
        f"Cell by cell work + - * / ^ and {', '.join(function_names())}; an axis of size 1 is repeated.",
        "Every cell of an array is a cell here: print U[3,1], why d(U[3,1]). The bare name of an array is all of them.",
    ]  # fmt: skip


_SAYS_OF_ARRAYS = {
    "sum": "the sum of all cells, or over an axis",
    "mean": "their mean",
    "max": "the greatest over an axis; of two operands, the greater, cell by cell",
    "var": "their variance, divided by how many they are",
    "softmax": "over the last axis, or over one that is named",
    "log_softmax": "its logarithm",
    "conv": "a kernel moves over an array, which is not flipped",
    "max_pool": "the greatest of each window",
    "mean_pool": "the mean of each window",
    "sum_pool": "the sum of each window",
    "reshape": "the same cells in another shape",
    "concat": "arrays one behind the other, along an axis that they have",
    "stack": "arrays one behind the other, along a new axis",
    "rows": "rows of a table, by their numbers: an embedding",
    "where": "A where the mask is not 0, else B",
    "detach": "the same values, through which nothing flows back",
    "layer_norm": "each row with mean 0 and deviation 1, then scaled and shifted",
    "batch_norm": "the same for each column",
}


def _scripts(commands: _Commands) -> list[Part]:
    return [
        "A script (*.bps) is a command a line, beginning with load. bpstep replay FILE carries it out and holds it to "
        "what it expects; pytest collects scripts, too; bpstep SCENARIO --script FILE plays one on the screen.",
        *_these(commands, "load", "expect", "!", "cmp", "save", "source"),
        "Behind ' # ' stands a comment. A block '-- NAME --' at the end holds text that cmp compares with. Settings "
        "that were kept do not hold in a script: it says the same everywhere.",
    ]


def _exercises(commands: _Commands) -> list[Part]:
    return [
        "bpstep exercise shows the path of exercises; bpstep exercise ID begins one. They ask for a value, a formula, "
        "an order, a wrong rule, whether a gradient passes its check, a count, the broken line of a code, or to train.",
        *_these(commands, "exercise", "exercises", "answer", "hint", "reveal", "predict", "derive", "="),
        "bpstep progress shows what is done; bpstep exercises check FOLDER proves exercises of your own.",
    ]


def _compare(commands: _Commands) -> list[Part]:
    from bpstep.comparison.table import MISTAKES

    return [
        "Your own program's numbers beside the right ones: bpstep stub SCENARIO prints a program to fill in, and "
        "bpstep compare SCENARIO mine.json names the first number that is wrong, and the mistake that gives them all.",
        "Files: JSON, CSV (cell,value), NPZ, NPY, MAT, a trace. Names: cells, or arrays as they are usually called: "
        "W1, b1, z1, a1, dW1, db1, delta1, 0.weight.grad.",
        *_these(commands, "compare"),
        "In a session, x goes to the next number that is wrong and X to the one before; break wrong stops there.",
        f"Mistakes that are known: {', '.join(dict.fromkeys(row.name for row in MISTAKES))}.",
    ]


#: The topics, by name, in the order of the help.
TOPICS: dict[str, Topic] = {
    "cells": Topic("the name of every number", _cells),
    "steps": Topic("what a step is", _steps),
    "notations": Topic("the letters of other books", _notations),
    "rules": Topic("the right rule, and the mistakes people make", _rules),
    "samples": Topic("what a network learns from", _samples),
    "arrays": Topic("programs over arrays", _arrays),
    "scripts": Topic("commands in a file", _scripts),
    "exercises": Topic("questions, and what answers them", _exercises),
    "compare": Topic("your own code", _compare),
}
