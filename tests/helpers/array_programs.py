"""Random programs over arrays for hypothesis: shapes, broadcasts, parts, windows, softmax, costs, shared arrays.

They are small, so that every cell can be looked at: a few arrays of at most `MOST` cells.  Some cells are used often,
some by nobody, some only read.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from bpstep.engine.specs import Array, ExpressionSpec, Operand, Operation, Taken, TrainingSpec, Window
from tests.helpers.problems import expressions, trainings

__all__ = ["ARRAYS", "formula_trainings", "formulas", "programs"]

MOST = 8

#: Programs as files: with all that a program may have; with samples; attention.
ARRAYS = {
    "mixture": """
        format = 1
        title = "A bit of everything"
        [expression]
        define = [
          "for t in 1..2: h{t} = tanh(W @ h{t-1} + x{t})",
          "q = softmax(concat(h1, h2) * detach(s))",
          "p = max(q) + sum(where(mask, h2, 0.5))",
          "n = layer_norm(h2, g, s2)",
          "z = conv(X, K, padding=1)",
          "m = max_pool(z, 2)",
          "E = squared_error(n, target) + p + sum(m) + X[1,1]^2 + e0[1]",
        ]
        parameters = ["W", "g", "s2", "K"]
        labels = { h1 = ["a", "b"] }
        [expression.inputs]
        W = [[0.5, -0.25], [0.75, 0.5]]
        h0 = [0.5, 1]
        x1 = [1, 0]
        x2 = [0.25, 0.5]
        s = 2
        mask = [1, 0]
        g = [1, 0.5]
        s2 = [0, 0.1]
        target = [0, 1]
        X = [[1, 2, 0.5], [0, 1, 1], [2, 1, 0]]
        K = [[1, -1], [0.5, 0.25]]
        e0 = [1, 2]
        [training]
        learning_rate = 0.1
        epochs = 3
    """,
    "samples": """
        format = 1
        title = "Samples"
        [expression]
        define = ["h = sigmoid(U @ x + b)", "o = V @ h", "E = half_squared_error(o, target)"]
        parameters = ["U", "b", "V"]
        [expression.inputs]
        U = { shape = [2, 2], scheme = "normal", std = 0.5, seed = 1 }
        V = { shape = [1, 2], scheme = "normal", std = 0.5, seed = 2 }
        b = [0, 0]
        [[sample]]
        values = { x = [1, 0], target = [1] }
        [[sample]]
        values = { x = [0, 1], target = [0] }
        [[sample]]
        values = { x = [1, 1], target = [0.5] }
        [training]
        learning_rate = 0.5
        epochs = 4
        batch = 2
        optimizer = "adam"
    """,
    "attention": """
        format = 1
        title = "Attention"
        [expression]
        define = ["Q = X @ Wq", "Kk = X @ Wk", "A = softmax(where(mask, Q @ Kk.T / 1.41, -1e9))",
          "Y = A @ X", "E = mean_squared_error(Y, target)"]
        parameters = ["Wq", "Wk"]
        [expression.inputs]
        X = [[1, 0], [0, 1], [1, 1]]
        Wq = [[0.5, 0.1], [-0.2, 0.3]]
        Wk = [[0.3, -0.4], [0.2, 0.6]]
        mask = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
        target = [[0, 1], [1, 0], [1, 1]]
        [training]
        learning_rate = 0.5
        epochs = 2
    """,
}
Shape = tuple[int, ...]

_SHAPES: tuple[Shape, ...] = ((), (1,), (2,), (3,), (2, 2), (2, 3), (3, 1), (1, 2), (3, 2), (2, 2, 2))
_SMOOTH = ("exp", "sin", "cos", "tanh", "sigmoid", "softplus", "neg", "linear", "silu", "gelu", "erf")
_KINKED = ("relu", "abs")
_COSTS = ("half-squared-error", "squared-error", "mean-squared-error")


class _Program:
    """A program on its way."""

    def __init__(self, draw: st.DrawFn, *, smooth: bool) -> None:
        self.draw, self.smooth = draw, smooth
        self.shapes: dict[str, Shape] = {}
        self.inputs: dict[str, Array] = {}
        self.operations: list[Operation] = []
        #: Arrays that must not be differentiated by: masks and targets.
        self.read_only: set[str] = set()
        self.chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def given(self, name: str, shape: Shape, *, read_only: bool = False) -> str:
        """An input with drawn numbers; some of them are alike, for ties."""
        numbers = self.chance.normal(0.0, 1.0, shape).round(self.draw(st.sampled_from([0, 1, 3])))
        self.inputs[name], self.shapes[name] = np.asarray(numbers), shape
        if read_only:
            self.read_only.add(name)
        return name

    def one(self) -> str:
        """The name of an array."""
        return self.draw(st.sampled_from([name for name in self.shapes if name not in self.read_only]))

    def operand(self, *, parts: bool = True) -> tuple[Operand, Shape]:
        """An array, or cells that are taken from one or two of them, perhaps the same more than once."""
        name = self.one()
        if not parts or self.draw(st.integers(0, 3)):
            return name, self.shapes[name]
        arrays = tuple(dict.fromkeys((name, self.one())))
        shape = self.draw(st.sampled_from([(), (2,), (3,), (2, 2), (1, 3)]))
        which = self.chance.integers(len(arrays), size=shape)
        sizes = np.array([int(np.prod(self.shapes[one])) for one in arrays])
        arrays_used = tuple(arrays[k] for k in np.unique(which))
        which_used = np.searchsorted(np.unique(which), which)
        places = np.asarray(self.chance.integers(sizes[which]), dtype=np.intp)
        return Taken(arrays_used, np.asarray(which_used, dtype=np.intp), places), shape

    def add(self, function: str, operands: tuple[Operand, ...], shape: Shape, **more: object) -> None:
        """Another operation, if it is not too large."""
        if int(np.prod(shape)) > MOST:
            return
        name = f"v{len(self.operations) + 1}"
        self.operations.append(Operation(name, function, operands, shape, **more))  # type: ignore[arg-type]
        self.shapes[name] = shape

    # --- one of each sort ---------------------------------------------------------------------------

    def unary(self) -> None:
        operand, shape = self.operand()
        functions = _SMOOTH if self.smooth else (*_SMOOTH, *_KINKED)
        self.add(self.draw(st.sampled_from(functions)), (operand,), shape)

    def binary(self) -> None:
        a, left = self.operand()
        function = self.draw(
            st.sampled_from(("add", "sub", "mul") if self.smooth else ("add", "sub", "mul", "max", "div"))
        )
        if not self.draw(st.integers(0, 3)):
            self.add(function, (a, 1.5) if self.draw(st.booleans()) else (1.5, a), left)
            return
        fitting = [
            name for name in self.shapes if name not in self.read_only and _broadcast(left, self.shapes[name])
        ]
        b = self.draw(st.sampled_from(fitting)) if fitting else a
        right = self.shapes[b] if isinstance(b, str) else left
        self.add(function, (a, b), np.broadcast_shapes(left, right))

    def matmul(self) -> None:
        a, left = self.operand()
        names = [name for name in self.shapes if name not in self.read_only]
        fitting = [
            name
            for name in names
            if (shape := _product(left, self.shapes[name])) is not None and shape != (0,)
        ]
        if fitting:
            b = self.draw(st.sampled_from(fitting))
            shape = _product(left, self.shapes[b])
            assert shape is not None
            self.add("matmul", (a, b), shape)

    def reduced(self) -> None:
        a, shape = self.operand()
        axis = self.draw(st.sampled_from([None, *range(len(shape))]))
        left = () if axis is None else shape[:axis] + shape[axis + 1 :]
        functions = ["sum"] if self.smooth else ["sum", "largest"]
        self.add(self.draw(st.sampled_from(functions)), (a,), left, axis=axis)

    def softmax(self) -> None:
        a, shape = self.operand()
        if shape:
            self.add("softmax", (a,), shape, axis=self.draw(st.integers(0, len(shape) - 1)))

    def windows(self) -> None:
        """A convolution or a pool along the last axis or the last two, over the edge or not."""
        names = [name for name in self.shapes if name not in self.read_only and self.shapes[name]]
        if not names:
            return
        name = self.draw(st.sampled_from(names))
        shape = self.shapes[name]
        axes = self.draw(st.integers(1, min(2, len(shape))))
        picture = shape[-axes:]
        padding = tuple(self.draw(st.integers(0, 1)) for _ in range(axes))
        stride = tuple(self.draw(st.integers(1, 2)) for _ in range(axes))
        size = tuple(
            self.draw(st.integers(1, min(2, n + 2 * p))) for n, p in zip(picture, padding, strict=True)
        )
        padding = tuple(min(p, s // 2) for p, s in zip(padding, size, strict=True))
        window = Window(size, stride, padding)
        moved = tuple(
            (n + 2 * p - s) // step + 1 for n, p, s, step in zip(picture, padding, size, stride, strict=True)
        )
        if min(moved) < 1:
            return
        if len(shape) <= axes + 1 and self.draw(st.booleans()):
            kernel = (*shape[: len(shape) - axes], *size)
            named = [one for one in self.shapes if one not in self.read_only and self.shapes[one] == kernel]
            k = self.draw(st.sampled_from(named)) if named else self.given(f"K{len(self.inputs)}", kernel)
            self.add("conv", (name, k), moved, window=window)
        else:
            pools = ["sum-pool"] if self.smooth else ["sum-pool", "max-pool"]
            self.add(
                self.draw(st.sampled_from(pools)),
                (name,),
                (*shape[: len(shape) - axes], *moved),
                window=window,
            )

    def choice(self) -> None:
        a, shape = self.operand()
        mask = self.given(f"M{len(self.inputs)}", shape, read_only=True)
        self.inputs[mask] = np.asarray((self.inputs[mask] > 0.0) * 1.0)
        names = [name for name in self.shapes if name not in self.read_only and self.shapes[name] == shape]
        other: Operand = self.draw(st.sampled_from([*names, 0.5]))
        self.add("where", (mask, a, other), shape)

    def cost(self) -> None:
        a, shape = self.operand()
        target = self.given(f"T{len(self.inputs)}", shape, read_only=True)
        self.add(self.draw(st.sampled_from(_COSTS)), (a, target), ())

    def detached(self) -> None:
        a, shape = self.operand()
        self.add("detach", (a,), shape)


def _broadcast(a: Shape, b: Shape) -> bool:
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return False
    return True


def _product(a: Shape, b: Shape) -> Shape | None:
    """The shape of a product of two arrays; None where they have none."""
    try:
        return (np.zeros(a) @ np.zeros(b)).shape
    except ValueError:
        return None


_SORTS = (
    "unary", "unary", "binary", "binary", "matmul", "matmul", "reduced", "softmax", "windows", "choice", "cost",
    "detached",
)  # fmt: skip


@st.composite
def programs(
    draw: st.DrawFn, *, smooth: bool = False, samples: bool | None = False, detached: bool = True
) -> ExpressionSpec:
    """A program of a few operations over arrays, everything in it summed up to one number.

    ``smooth``: without kinks, ties and quotients.  ``samples``: some inputs come with each sample (None: perhaps).
    """
    made = _Program(draw, smooth=smooth)
    for k in range(draw(st.integers(1, 3))):
        made.given("ABC"[k], draw(st.sampled_from(_SHAPES)))
    sorts = [sort for sort in _SORTS if detached or sort != "detached"]
    for _ in range(draw(st.integers(1, 5))):
        getattr(made, draw(st.sampled_from(sorts)))()
    _sum_up(made)
    names = [name for name in made.inputs if name not in made.read_only]
    parameters = draw(st.lists(st.sampled_from(names), unique=True))
    by_sample: dict[str, Array] = {}
    if samples or (samples is None and draw(st.booleans())):
        others = [name for name in made.inputs if name not in parameters]
        chosen = draw(st.lists(st.sampled_from(others), unique=True, min_size=1)) if others else []
        count = draw(st.integers(1, 3))
        for name in chosen:
            more = made.chance.normal(0.0, 1.0, (count - 1, *made.shapes[name])).round(2)
            if name.startswith("M"):
                more = (more > 0.0) * 1.0
            by_sample[name] = np.concatenate([made.inputs[name][np.newaxis], more])
    values = tuple(value if value.shape else value.item() for value in made.inputs.values())
    return ExpressionSpec(
        tuple(made.inputs), values, tuple(made.operations), made.operations[-1].name,
        tuple(parameters), by_sample,
    )  # fmt: skip


def _sum_up(made: _Program) -> None:
    """Whatever is used by nobody is added up, and so leads to the output."""
    used = {name for one in made.operations for o in one.operands for name in _names(o)}
    loose = [name for name in made.shapes if name not in used]
    for name in [one for one in loose if made.shapes[one] or one in made.inputs]:
        made.add("sum" if made.shapes[name] else "linear", (name,), ())
        loose[loose.index(name)] = made.operations[-1].name
    total = loose[0]
    for name in loose[1:]:
        made.add("add", (total, name), ())
        total = made.operations[-1].name
    if made.operations[-1].name != total:
        made.add("linear", (total,), ())


def _names(operand: Operand) -> tuple[str, ...]:
    if isinstance(operand, float):
        return ()
    return operand.arrays if isinstance(operand, Taken) else (operand,)


def formulas() -> st.SearchStrategy[ExpressionSpec]:
    """What an expression may be: a graph of single numbers, or a program over arrays, of one sample or of several."""
    return st.one_of(expressions(), programs(samples=None))


def formula_trainings() -> st.SearchStrategy[TrainingSpec]:
    """Random ways to train one of them: an expression has no weights to decay."""
    return trainings().map(lambda training: replace(training, l2=0.0))
