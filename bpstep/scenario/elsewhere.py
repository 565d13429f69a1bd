"""What other programs and books call the things that a file names: asked for one, bpstep answers with its own name.

A row is a name as people try it, in small letters without hyphens, and what it may mean here; of these the first is
meant that can stand where it was tried.
"""

from __future__ import annotations

__all__ = ["ELSEWHERE"]

ELSEWHERE: dict[str, tuple[str, ...]] = {
    # costs: PyTorch, Keras, scikit-learn
    "mse": ("mean-squared-error",), "mseloss": ("mean-squared-error",), "l2loss": ("half-squared-error",),
    "quadratic": ("half-squared-error",), "sse": ("squared-error",), "rss": ("squared-error",),
    "mae": ("absolute-error",), "l1": ("absolute-error",), "l1loss": ("absolute-error",),
    "bce": ("binary-cross-entropy",), "bceloss": ("binary-cross-entropy",), "logloss": ("binary-cross-entropy",),
    "binarycrossentropy": ("binary-cross-entropy",), "ce": ("cross-entropy",), "nll": ("cross-entropy",),
    "crossentropyloss": ("cross-entropy",), "categoricalcrossentropy": ("cross-entropy",),
    # activations
    "logistic": ("sigmoid",), "expit": ("sigmoid",), "identity": ("linear",), "id": ("linear",), "none": ("linear",),
    "lrelu": ("leaky-relu",), "rectifier": ("relu",), "hyperbolictangent": ("tanh",),
    # initialization: Keras and PyTorch
    "he": ("he-normal",), "kaiming": ("he-normal",), "kaimingnormal": ("he-normal",),
    "kaiminguniform": ("he-uniform",), "glorot": ("xavier-uniform",), "xavier": ("xavier-uniform",),
    "glorotuniform": ("xavier-uniform",), "glorotnormal": ("xavier-normal",), "gaussian": ("normal",),
    "zeros": ("constant",), "ones": ("constant",),
    # optimizers and training
    "gd": ("sgd",), "gradientdescent": ("sgd",), "nag": ("momentum",), "nesterov": ("momentum",),
    "lr": ("learning_rate",), "eta": ("learning_rate",), "alpha": ("learning_rate",), "rate": ("learning_rate",),
    "stepsize": ("learning_rate",), "batchsize": ("batch",), "minibatch": ("batch",), "iterations": ("epochs",),
    "weightdecay": ("l2", "weight_decay"), "seed": ("shuffle",),
    # keys
    "loss": ("cost",), "units": ("neurons",), "nodes": ("neurons",), "size": ("neurons",), "act": ("activation",),
    "fn": ("activation",), "initializer": ("init",), "biases": ("bias",), "data": ("samples", "sample"),
    "description": ("summary",), "formula": ("define",), "function": ("define",), "labels": ("label",),
    "standardise": ("standardize",), "normalize": ("standardize",), "path": ("file",), "version": ("requires",),
}  # fmt: skip
