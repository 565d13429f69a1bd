"""What ``bpstep new`` writes: a small scenario with a comment for everything that one might change."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS

__all__ = ["TEMPLATE"]

#: Where the comments begin that stand behind a key.
_MARGIN = 35


def _or(known: Iterable[str], key: str) -> str:
    """A key with its value, and behind it, as a comment, what else it could be."""
    names = [name for name in known if f'"{name}"' not in key]
    first, *more = (f"# {line}" for line in wrap(" ".join(names), 52, break_on_hyphens=False))
    return "\n".join([f"{key:<{_MARGIN}}{first}", *(" " * _MARGIN + line for line in more)])


TEMPLATE = f'''\
#:schema ./bpstep-scenario.schema.json
# An editor completes keys and checks them, once that file is there: bpstep schema > bpstep-scenario.schema.json
# A scenario of bpstep. Open it with:  bpstep THIS-FILE.toml
# What each key may be:                bpstep schema
format = 1
title = "My network"
summary = "Two inputs, two hidden neurons, one output."
story = """
Shown before the first step. *Markdown* is fine.
"""

[network]
inputs = ["x1", "x2"]              # names, or a count
{_or(COSTS, 'cost = "half-squared-error"')}

[[network.layer]]
name = "hidden"
neurons = ["h1", "h2"]             # names, or a count
{_or(ACTIVATIONS, 'activation = "sigmoid"')}
weights = [[0.5, -0.5],            # one row per neuron, one column per source
           [0.25, 0.75]]
bias = [0.1, -0.1]                 # a list, one number for all, or left out

[[network.layer]]
name = "output"
neurons = ["o1"]
activation = "sigmoid"
# from = ["hidden", "inputs"]      # sources other than the layer before
# Instead of weights:
init = {{ scheme = "uniform", low = -1, high = 1, seed = 7 }}
bias = true                        # biases that start at 0

[[sample]]
input = [1.0, 0.0]
target = [1.0]

[[sample]]
input = [0.0, 1.0]
target = [0.0]

[[note]]                           # shown at a step; {{...}} is filled in with live numbers
at = "delta[h1]"
when = "local[h1] <= 0.25"         # optional: shown only while what it says holds
say = "The delta of h1 is {{delta[h1]}}. Every gradient of h1 is made from it."

[training]
learning_rate = 0.5                # without it there is no update
batch = "full"                     # or samples per update; 1 is online
epochs = 2
{_or(OPTIMIZERS, 'optimizer = "sgd"')}

# A function instead of a network:
#
# [expression]
# define = ["v = x^2", "u = sin(v)", "y = exp(u)"]
# [expression.inputs]
# x = 1.2
'''
