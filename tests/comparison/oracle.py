"""Back-propagation as a student writes it, with one switch for every mistake.  It shares no code with bpstep.

A net is a list of layers; a row of ``X`` is a sample.  `learn` gives every number of one pass by the names that a
student gives them (``a1 z1 ... dz1 dW1 db1``).  A mistake is a `Slip`: its name, its layer (from 1, or
several; None: all layers), and a value where it has one.  Without slips everything is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.helpers.meanings import slope_of_cost

FUNCTIONS = {
    "linear": (lambda z: z, lambda z: np.ones_like(z)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky-relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
}


def softmax(z, axis=1):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


class _Slopes(dict):
    """Of a cost that is told nowhere here, what its own text says."""

    def __missing__(self, name):
        return slope_of_cost(name)


COST_SLOPES = _Slopes({
    "half-squared-error": lambda y, t: y - t,
    "squared-error": lambda y, t: 2 * (y - t),
    "mean-squared-error": lambda y, t: 2 * (y - t) / y.shape[1],
    "absolute-error": lambda y, t: np.sign(y - t),
    "binary-cross-entropy": lambda y, t: (y - t) / (y * (1 - y)),
    "mean-binary-cross-entropy": lambda y, t: (y - t) / (y * (1 - y)) / y.shape[1],
    "cross-entropy": lambda y, t: -t / y,
})  # fmt: skip


@dataclass
class Net:
    W: list[np.ndarray]  # (neurons, sources)
    b: list[np.ndarray | None]
    f: list[str]
    cost: str
    mean: bool = True
    l2: float = 0.0
    rate: float = 0.5


@dataclass(frozen=True)
class Slip:
    name: str
    layer: int | tuple[int, ...] | None = None
    value: object = None

    def concerns(self, layer):
        own = self.layer if isinstance(self.layer, tuple) else (self.layer,)
        return self.layer is None or layer is None or layer in own


@dataclass
class Pass:
    """The student's program: numbers are entered into ``n`` as they come."""

    net: Net
    X: np.ndarray
    T: np.ndarray
    slips: tuple[Slip, ...] = ()
    earlier: dict = field(default_factory=dict)
    neighbours: dict = field(default_factory=dict)
    n: dict = field(default_factory=dict)

    def slip(self, name, layer=None):
        """The slip of this name in this layer, or None."""
        for one in self.slips:
            if one.name == name and one.concerns(layer):
                return one
        return None

    # --- forward ---------------------------------------------------------------------------------------

    def targets(self):
        T = self.T
        if s := self.slip("targets-shifted"):
            T = self.neighbours[s.value]
        if self.slip("target-forgotten"):
            T = np.zeros_like(T)
        if s := self.slip("wrong-class"):
            T = np.concatenate([T[:, -s.value :], T[:, : -s.value]], axis=1)
        if self.slip("complement"):
            T = 1 - T
        return T

    def forward(self):
        n, a = self.n, self.X
        n["a0"] = a
        for k, (W, b, f) in enumerate(zip(self.net.W, self.net.b, self.net.f, strict=True), 1):
            if self.slip("forward-transposed", k) and W.shape[0] == W.shape[1] > 1:
                W = W.T
            z = a @ W.T
            if b is not None and not self.slip("no-bias", k):
                z = z + b
            n[f"z{k}"] = z
            a = n[f"a{k}"] = self.activate(z, f, k)

    def activate(self, z, f, k):
        others = ("not-activated-at-all", "not-activated-once-back")
        if self.slip("not-activated", k) or (f != "softmax" and any(self.slip(name, k) for name in others)):
            return z.copy()
        if f == "softmax":
            if self.slip("softmax-over-samples", k):
                return softmax(z, axis=0)
            return softmax(softmax(z)) if self.slip("activated-twice", k) else softmax(z)
        for name in ("other-activation", "other-activation-forward"):
            if (s := self.slip(name, k)) and f != "linear":
                f = s.value
        a = FUNCTIONS[f][0](z)
        twice = ("activated-twice", "activated-twice-once-back", "activated-twice-both-ways")
        if f in ("sigmoid", "tanh", "softplus") and any(self.slip(name, k) for name in twice):
            a = FUNCTIONS[f][0](a)
        return a

    # --- the slope of an activation --------------------------------------------------------------------

    def slope(self, f, k):
        z, a = self.n[f"z{k}"], self.n[f"a{k}"]
        d = FUNCTIONS[f][1](z)
        bent = f in ("sigmoid", "tanh", "softplus")
        if f == "sigmoid":
            d = a * (1 - a)
        if f == "tanh":
            d = 1 - a * a
        if self.slip("activated-twice-once-back", k) and bent:
            d = FUNCTIONS[f][1](z)
        if self.slip("activated-twice-both-ways", k) and bent:
            d = FUNCTIONS[f][1](FUNCTIONS[f][0](z)) * FUNCTIONS[f][1](z)
        if (s := self.slip("other-activation", k)) and f != "linear":
            d = FUNCTIONS[s.value][1](z)
        if self.slip("other-activation-forward", k) or self.slip("not-activated-once-back", k):
            d = FUNCTIONS[f][1](z)
        if (self.slip("no-derivative", k) or self.slip("not-activated-at-all", k)) and f != "linear":
            d = np.ones_like(z)
        if self.slip("derivative-of-output", k) and bent:
            d = FUNCTIONS[f][1](a)
        if self.slip("logistic-everywhere", k) and f != "sigmoid":
            d = a * (1 - a)
        if self.slip("tanh-slope-of-output", k) and f != "tanh":
            d = 1 - a**2
        if self.slip("slope-of-net", k) and f in ("sigmoid", "tanh"):
            d = z * (1 - z) if f == "sigmoid" else 1 - z**2
        if (s := self.slip("other-slope", k)) and f != s.value:
            d = FUNCTIONS[s.value][1](z)
        if self.slip("slope-twice", k):
            d = d * d
        if self.slip("curve-for-slope", k):
            d = a.copy()
        if self.slip("half-of-slope", k) and f == "sigmoid":
            d = 1 - a
        if self.slip("square-forgotten", k) and f == "tanh":
            d = 1 - a
        if self.slip("slope-with-plus", k) and f in ("sigmoid", "tanh"):
            d = a * (1 + a) if f == "sigmoid" else 1 + a**2
        if self.slip("relu-mask-of-derivative", k) and f == "relu":
            d = (self.n[f"da{k}"] > 0) * 1.0
        if self.slip("relu-mask-inverted", k) and f == "relu":
            d = (z <= 0) * 1.0
        if self.slip("relu-at-zero", k) and f == "relu":
            d = (z >= 0) * 1.0
        return d

    # --- backward --------------------------------------------------------------------------------------

    def backward(self):
        net, n, m = self.net, self.n, len(self.X)
        T, L = self.targets(), len(net.W)
        y = n[f"a{L}"]
        share = 1 / m if net.mean else 1.0
        if self.slip("seed-forgotten"):
            share = 0.0
        cost = s.value if (s := self.slip("other-cost")) else net.cost
        da = COST_SLOPES[cost](y, T) * share
        if self.slip("swapped-sign"):
            da = -da
        if s := self.slip("cost-factor"):
            da = s.value * da
        for k in range(L, 0, -1):
            f, W = net.f[k - 1], net.W[k - 1]
            if k < L:
                da = self.back(k)
            n[f"da{k}"] = da
            dz = self.softmax_back(da, n[f"a{k}"], k) if f == "softmax" else da * self.slope(f, k)
            if k == L and self.slip("output-minus-target"):
                dz = (y - T) * share
            if s := self.slip("delta-factor", k):
                dz = dz * s.value
            n[f"dz{k}"] = dz
            n[f"dW{k}"] = self.weight_gradient(k, W)
            if net.b[k - 1] is not None:
                n[f"db{k}"] = self.bias_gradient(k, net.b[k - 1])

    def softmax_back(self, da, y, k):
        if self.slip("no-derivative", k):
            return da.copy()
        dz = np.zeros_like(da)
        for i in range(len(da)):
            J = np.diag(y[i]) - np.outer(y[i], y[i])
            if self.slip("softmax-diagonal", k):
                J = np.diag(np.diag(J))
            if self.slip("softmax-sign", k):
                J = np.diag(y[i] - y[i] ** 2) + (np.outer(y[i], y[i]) - np.diag(y[i] ** 2))
            dz[i] = da[i] @ J
        return dz

    def back(self, k):
        """The derivative by the outputs of layer k, from layer k + 1."""
        net, n = self.net, self.n
        W, dz, own = net.W[k], n[f"dz{k + 1}"], net.W[k - 1]
        if self.slip("article", k) and net.f[k] != "linear":
            dz = n[f"da{k + 1}"]
        if self.slip("early-update", k):
            W = W - net.rate * n[f"dW{k + 1}"]
        if self.slip("wrong-weights", k) and W.shape[0] == W.shape[1] > 1:
            W = W.T
        if self.slip("no-weights", k):
            W = np.ones_like(W)
        if self.slip("own-weights", k) and own.shape == W.shape:
            W = own
        da = dz @ W
        if (s := self.slip("overwrite", k)) and len(W) > 1:
            da = np.outer(dz[:, s.value], W[s.value])
        if (s := self.slip("dropped", k)) and len(W) > 2 and s.value < len(W):
            keep = [j for j in range(len(W)) if j != s.value]
            da = dz[:, keep] @ W[keep]
        if self.slip("bias-fed-back", k) and net.b[k] is not None:
            da = da + (dz @ net.b[k])[:, None]
        if self.slip("stale-upstream", k) and len(W) in (1, len(own)):
            da = n[f"da{k + 1}"] * np.ones((1, len(own)))
        if self.slip("averaged-delta", k):
            da = da.mean(axis=0) * np.ones_like(da)
        if s := self.slip("back-factor", k):
            da = da * s.value
        return da

    def weight_gradient(self, k, W):
        net, n, m = self.net, self.n, len(self.X)
        dz, a = n[f"dz{k}"], n[f"a{k - 1}"]
        f = net.f[k - 1]
        if self.slip("slope-missing-in-gradients", k) or self.slip("slope-missing-in-weight-gradients", k):
            dz = n[f"da{k}"] if f != "linear" else dz
        if self.slip("net-for-source", k) and k > 1 and net.f[k - 2] != "linear":
            a = n[f"z{k - 1}"]
        if self.slip("own-output", k) and W.shape[0] == W.shape[1]:
            a = n[f"a{k}"]
        if self.slip("inputs-for-source", k) and k > 1 and W.shape[1] == self.X.shape[1]:
            a = self.X
        if self.slip("next-delta", k) and k < len(net.W) and len(net.W[k]) == len(W):
            dz = n[f"dz{k + 1}"]
        dW = dz.T @ a
        for name in ("overwrite-samples", "weights-of-sample"):
            if s := self.slip(name, k):
                dW = np.outer(dz[s.value], a[s.value])
        if self.slip("product-of-means", k):
            dW = np.outer(dz.sum(axis=0), a.mean(axis=0))
        if s := self.slip("weight-factor-before-decay", k):
            dW = dW * s.value
        decay = net.l2 * W
        if self.slip("no-l2", k):
            decay = 0 * W
        if s := self.slip("l2-times", k):
            decay = decay * {"doubled": 2, "halved": 0.5, "subtracted": -1, "divided by m": 1 / m}[s.value]
        dW = dW + decay
        for name in ("gradient-factor", "weight-factor"):
            if s := self.slip(name, k):
                dW = dW * s.value
        if self.slip("gradient-transposed", k) and W.shape[0] == W.shape[1]:
            dW = dW.T
        if self.slip("weights-not-computed", k):
            dW = np.zeros_like(dW)
        if self.slip("not-reset", k):
            dW = dW + self.earlier[f"dW{k}"]
        return dW

    def bias_gradient(self, k, b):
        net, n = self.net, self.n
        dz, a = n[f"dz{k}"], n[f"a{k - 1}"]
        if self.slip("slope-missing-in-gradients", k) or self.slip("slope-missing-in-bias-gradients", k):
            dz = n[f"da{k}"] if net.f[k - 1] != "linear" else dz
        if self.slip("next-delta", k) and k < len(net.W) and len(net.W[k]) == len(b):
            dz = n[f"dz{k + 1}"]
        for name in ("overwrite-samples", "biases-of-sample"):
            if s := self.slip(name, k):
                dz = np.array([dz[i] if i == s.value else 0 * dz[i] for i in range(len(dz))])
        if self.slip("bias-times-inputs", k):
            dz = dz * a.sum(axis=1, keepdims=True)
        if self.slip("bias-times-first-input", k):
            dz = dz * a[:, :1]
        if self.slip("bias-times-bias", k):
            dz = dz * b
        if self.slip("bias-times-output", k):
            dz = dz * n[f"a{k}"]
        db = dz.sum(axis=0)
        if self.slip("bias-other-axis", k) and dz.shape[0] == dz.shape[1]:
            db = dz.sum(axis=1)
        if self.slip("bias-summed-over-layer", k):
            db = np.full_like(db, db.sum())
        if self.slip("l2-on-biases", k):
            db = db + net.l2 * b
        for name in ("gradient-factor", "bias-factor"):
            if s := self.slip(name, k):
                db = db * s.value
        if self.slip("bias-forgotten", k):
            db = np.zeros_like(db)
        if self.slip("not-reset", k):
            db = db + self.earlier[f"db{k}"]
        return db


def learn(net, X, T, slips=(), earlier=None, neighbours=None):
    """Every number of a pass with some slips in it."""
    run = Pass(net, X, T, tuple(slips), earlier or {}, neighbours or {})
    run.forward()
    if {slip.name for slip in slips} & {"resend", "resend-from-the-last", "first-only"}:
        run.backward()
        resend(run, slips[0].name)
    else:
        run.backward()
    return run.n


def resend(run, how):
    """Backward by recursion, neuron by neuron, as micrograd would without sorting its graph first."""
    net, n, L = run.net, run.n, len(run.net.W)
    for k in range(1, L + 1):
        for name in (f"da{k}", f"dz{k}", f"dW{k}", f"db{k}"):
            if name in n and not (k == L and name == f"da{k}"):
                n[name] = np.zeros_like(n[name])

    def ordered(size):
        return range(size - 1, -1, -1) if how == "resend-from-the-last" else range(size)

    def send(i, k, j, message, seen):
        """Sample i: neuron j of layer k sends ``message`` = its share of the cost's derivative by z."""
        n[f"dz{k}"][i, j] += message
        n[f"dW{k}"][j] += message * n[f"a{k - 1}"][i]
        if f"db{k}" in n:
            n[f"db{k}"][j] += message
        if k == 1:
            return
        slopes = FUNCTIONS[net.f[k - 2]][1](n[f"z{k - 1}"][i])
        for p in ordered(len(net.W[k - 2])):
            n[f"da{k - 1}"][i, p] += message * net.W[k - 1][j, p]
            if how == "first-only" and (k - 1, p) in seen:
                continue
            seen.add((k - 1, p))
            send(i, k - 1, p, n[f"da{k - 1}"][i, p] * slopes[p], seen)

    for i in range(len(run.X)):
        slopes = FUNCTIONS[net.f[L - 1]][1](n[f"z{L}"][i])
        seen: set = set()
        for j in ordered(len(net.W[L - 1])):
            send(i, L, j, n[f"da{L}"][i, j] * slopes[j], seen)
    for k in range(1, L + 1):
        n[f"dW{k}"] = n[f"dW{k}"] + net.l2 * net.W[k - 1]
