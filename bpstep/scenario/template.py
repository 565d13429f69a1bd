"""What ``bpstep new`` writes: a small scenario with a comment for everything that one might change."""

__all__ = ["TEMPLATE"]

TEMPLATE = '''\
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
cost = "half-squared-error"        # squared-error mean-squared-error absolute-error
                                   # binary-cross-entropy cross-entropy

[[network.layer]]
name = "hidden"
neurons = ["h1", "h2"]             # names, or a count
activation = "sigmoid"             # linear tanh relu leaky-relu softplus softmax
weights = [[0.5, -0.5],            # one row per neuron, one column per source
           [0.25, 0.75]]
bias = [0.1, -0.1]                 # a list, one number for all, or left out

[[network.layer]]
name = "output"
neurons = ["o1"]
activation = "sigmoid"
# from = ["hidden", "inputs"]      # sources other than the layer before
# Instead of weights:
init = { scheme = "uniform", low = -1, high = 1, seed = 7 }
bias = true                        # biases that start at 0

[[sample]]
input = [1.0, 0.0]
target = [1.0]

[[sample]]
input = [0.0, 1.0]
target = [0.0]

[[note]]                           # shown at a step; {...} is filled in with live numbers
at = "delta[h1]"
when = "local[h1] <= 0.25"         # optional: shown only while what it says holds
say = "The delta of h1 is {delta[h1]}. Every gradient of h1 is made from it."

[training]
learning_rate = 0.5                # without it there is no update
batch = "full"                     # or samples per update; 1 is online
epochs = 2

# A function instead of a network:
#
# [expression]
# define = ["v = x^2", "u = sin(v)", "y = exp(u)"]
# [expression.inputs]
# x = 1.2
'''
