"""Functions that a language of skeletons does not have: their definitions, by the names of `bpstep.engine`.

A cost is one text for all languages, over what a sum, a square and ``t ln y`` are called in each of them; a term whose
factor t is 0 is 0, whatever its logarithm is.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpstep.lazily import dataclass

__all__ = ["DEFINITIONS"]


@dataclass(frozen=True)
class _Words:
    """How a function of (y, t) is defined, and what its body is made of."""

    define: str
    total: str
    mean: str
    magnitude: str
    square: str
    #: a ln(b), and 0 where a is 0.
    times_log: str


_COSTS = {
    "half-squared-error": "{total}(0.5 * {square})",
    "squared-error": "{total}({square})",
    "mean-squared-error": "{mean}({square})",
    "absolute-error": "{total}({magnitude}(y - t))",
    "binary-cross-entropy": "-{total}({log_y} + {log_rest})",
    "mean-binary-cross-entropy": "-{mean}({log_y} + {log_rest})",
    "cross-entropy": "-{total}({log_y})",
}
_WORDS = {
    "numpy": _Words(
        "def {name}(y, t):\n    return {body}", "np.sum", "np.mean", "np.abs", "(y - t) ** 2",
        "{a} * np.log({b} + ({a} == 0))",
    ),
    "torch": _Words(
        "def {name}(y, t):\n    return {body}", "torch.sum", "torch.mean", "torch.abs", "(y - t) ** 2",
        "torch.xlogy({a}, {b})",
    ),
    "python": _Words(
        "def {name}(y, t):\n    return {body}", "", "", "abs", "(y - t) ** 2", "{a} * math.log({b} + ({a} == 0))"
    ),
    "matlab": _Words("{name} = @(y, t) {body};", "", "", "abs", "(y - t) ^ 2", "{a} * log({b} + ({a} == 0))"),
    "julia": _Words("{name}(y, t) = {body}", "", "", "abs", "(y - t)^2", "{a} * log({b} + ({a} == 0))"),
}  # fmt: skip


def _costs(words: _Words) -> dict[str, str]:
    parts = {
        "total": words.total, "mean": words.mean, "magnitude": words.magnitude, "square": words.square,
        "log_y": words.times_log.format(a="t", b="y"), "log_rest": words.times_log.format(a="(1 - t)", b="(1 - y)"),
    }  # fmt: skip
    return {
        cost: words.define.format(name=cost.replace("-", "_"), body=text.format(**parts))
        for cost, text in _COSTS.items()
    }


_NUMPY = {
    "erf": "def erf(z):\n    from math import erf\n\n    return np.vectorize(erf)(z)",
    "gelu": "def gelu(z):\n    from math import erf\n\n    return z * (1 + np.vectorize(erf)(z / np.sqrt(2))) / 2",
    "silu": "def silu(z):\n    return z / (1 + np.exp(-z))",
    "softmax": "def softmax(z, axis):\n    powers = np.exp(z - z.max(axis=axis, keepdims=True))\n"
    "    return powers / powers.sum(axis=axis, keepdims=True)",
    "windows": "def windows(x, size, stride, padding):\n"
    '    """What lies under a window at each of its places: the places first, then the cells of the window."""\n'
    "    x = np.pad(x, [(0, 0)] * (x.ndim - len(size)) + [(p, p) for p in padding])\n"
    "    axes = tuple(range(-len(size), 0))\n"
    "    every = np.lib.stride_tricks.sliding_window_view(x, size, axis=axes)\n"
    "    return every[(..., *(slice(None, None, s) for s in stride), *(slice(None) for _ in size))]",
    "conv": "def conv(x, k, stride, padding):\n"
    '    """Each kernel times what lies under the window, summed: a channel of the result for each of several."""\n'
    "    under = windows(x, k.shape[-len(stride):], stride, padding)\n"
    "    under = np.moveaxis(under, 0, len(stride)) if x.ndim > len(stride) else under\n"
    "    met = range(len(stride), under.ndim), range(k.ndim - x.ndim, k.ndim)\n"
    "    found = np.tensordot(under, k, axes=met)\n"
    "    return np.moveaxis(found, -1, 0) if k.ndim > x.ndim else found",
}
_TORCH = {
    "softmax": "",
    "windows": "def windows(x, size, stride, padding):\n"
    '    """What lies under a window at each of its places: the places first, then the cells of the window."""\n'
    "    x = torch.nn.functional.pad(x, [p for p in reversed(padding) for _ in range(2)])\n"
    "    for length, step in zip(size, stride):\n"
    "        x = x.unfold(-len(size), length, step)\n"
    "    return x",
    "conv": "def conv(x, k, stride, padding):\n"
    '    """Each kernel times what lies under the window, summed: a channel of the result for each of several."""\n'
    "    under = windows(x, k.shape[-len(stride):], stride, padding)\n"
    "    under = torch.movedim(under, 0, len(stride)) if x.ndim > len(stride) else under\n"
    "    met = list(range(len(stride), under.ndim)), list(range(k.ndim - x.ndim, k.ndim))\n"
    "    found = torch.tensordot(under, k, dims=met)\n"
    "    return torch.movedim(found, -1, 0) if k.ndim > x.ndim else found",
}
_PLAIN = {
    "gelu": "def gelu(x):\n    return x * (1 + math.erf(x / math.sqrt(2))) / 2",
    "silu": "def silu(x):\n    return x / (1 + math.exp(-x))",
}  # fmt: skip
_MATLAB = {
    "gelu": "gelu = @(z) z .* (1 + erf(z / sqrt(2))) / 2;", "silu": "silu = @(z) z ./ (1 + exp(-z));",
}  # fmt: skip
_OF_LIBM = "ccall((:erf, Base.Math.libm), Float64, (Float64,), {z})"
_JULIA = {
    "erf": f"erf(z) = {_OF_LIBM.format(z='z')}",
    "gelu": f"gelu(z) = z * (1 + {_OF_LIBM.format(z='z / sqrt(2)')}) / 2",
    "silu": "silu(z) = z / (1 + exp(-z))",
}

#: By language and function; "" where the language has it.
DEFINITIONS: Mapping[str, Mapping[str, str]] = {
    language: {**_costs(_WORDS[language]), **own}
    for language, own in (
        ("numpy", _NUMPY), ("torch", _TORCH), ("python", _PLAIN), ("matlab", _MATLAB), ("julia", _JULIA),
    )
}  # fmt: skip
