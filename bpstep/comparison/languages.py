"""How the pieces of a skeleton are written in each language: one `Language` a row.

Every language has the same program: numbers, functions, ``forward``, ``backward`` to fill in, and the writing of
``mine.json``, which the languages can do without further packages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from bpstep.comparison.language_functions import DEFINITIONS
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["LANGUAGES", "Language"]

#: How the functions of an expression are called, where it is not by their own names.
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^"}


@dataclass(frozen=True)
class Language:
    """A language.  ``template`` is the whole program with places for its parts; ``activations`` are the definitions of
    functions that it does not have; ``calls`` the names of those it has.

    ``define`` and ``define_cost`` define a function from a text of the tables (`bpstep.comparison.translating`), with
    the ``signs`` that work cell by cell, and with how many outputs there are, ``count``."""

    name: str
    comment: str
    template: str
    activations: Mapping[str, str]
    calls: Mapping[str, str]
    array: str = "{rows}"
    power: str = "**"
    indent: str = "    "
    join: str = "[{}]"
    product: str = "{a} @ {w}.T"
    empty: str = "None"
    entry: str = '"{key}": {name},'
    end: str = ""
    row: Callable[[Sequence[float]], str] = field(default=lambda row: f"[{', '.join(map(repr, row))}]")
    rows: Callable[[Sequence[str]], str] = field(default=lambda rows: "[" + ",\n    ".join(rows) + "]")
    plus: str = "{product} + {b}"
    apply: str = "{f}({z})"
    scalar: str = "{value}"
    define: str = "def {name}(z):\n    return {text}"
    define_cost: str = "def {name}(y, t):\n    return {text}"
    signs: Mapping[str, str] = field(default_factory=dict)
    count: str = "1"

    @property
    def definitions(self) -> Mapping[str, str]:
        """What else it does not have, by the names of functions and costs."""
        return DEFINITIONS[self.name]

    def remark(self, text: str) -> str:
        """A comment."""
        return f"{self.comment} {text}"

    def matrix(self, name: str, numbers: Array) -> str:
        """A matrix, a row a line."""
        rows = [self.row(row) for row in numbers.tolist()]
        return f"{name} = {self.array.format(rows=self.rows(rows))}{self.end}"

    def vector(self, name: str, numbers: Array) -> str:
        """A row of numbers."""
        return f"{name} = {self.array.format(rows=self.row(numbers.tolist()))}{self.end}"

    def number(self, name: str, value: float) -> str:
        """A single number."""
        return f"{name} = {self.scalar.format(value=repr(float(value)))}{self.end}"

    def weighted(self, name: str, sources: Sequence[str], weights: str, bias: str) -> str:
        """``z = a @ W.T + b``."""
        a = sources[0] if len(sources) == 1 else self.join.format(", ".join(sources))
        product = self.product.format(a=a, w=weights)
        return f"{name} = {self.plus.format(product=product, a=a, w=weights, b=bias) if bias else product}{self.end}"

    def activated(self, name: str, activation: str, net: str) -> str:
        """``a = f(z)``."""
        function = self.calls.get(activation, activation.replace("-", "_"))
        way = self.apply if activation != "softmax" else "{f}({z})"
        return f"{name} = {way.format(f=function, z=net) if function else net}{self.end}"

    def operation(self, name: str, function: str, operands: Sequence[str]) -> str:
        """``v = f(x, y)``, or with a sign between them."""
        if function in _INFIX:
            sign = self.power if function == "pow" else _INFIX[function]
            return f"{name} = {operands[0]} {sign} {operands[1]}{self.end}"
        if function == "neg":
            return f"{name} = -{operands[0]}{self.end}"
        written = [self.scalar.format(value=x) if x[0] in "-.0123456789" else x for x in operands]
        return f"{name} = {self.call(function, written)}{self.end}"

    def call(self, function: str, operands: Sequence[str]) -> str:
        """A function and its arguments."""
        name = self.calls.get(function, function.replace("-", "_"))
        return f"{name}({', '.join(operands)})" if name else operands[0]

    def program(
        self,
        *,
        title: str,
        given: Sequence[str],
        activations: Sequence[str],
        forward: Sequence[str],
        known: Mapping[str, str],
        wanted: Sequence[tuple[str, str]],
        about: Sequence[str],
        keys: Mapping[str, str] | None = None,
    ) -> str:
        """The whole text.  ``known`` and ``wanted`` are written to the file: the first under the names that they are
        mapped from, the second under those that ``keys`` has for them."""
        blanks = [f"{name} = {self.empty}{self.end}  {self.remark(says)}" for name, says in wanted]
        own = [((keys or {}).get(name, name), name) for name, _ in wanted]
        entries = [self.entry.format(key=key, name=name) for key, name in known.items()]
        returned = [self.entry.format(key=key, name=name) for key, name in own]
        parts = {
            "TITLE": title, "GIVEN": "\n".join(given), "FUNCTIONS": "\n\n\n".join(filter(None, activations)),
            "FORWARD": "\n".join(forward), "ABOUT": "\n".join(self.remark(line) for line in about),
            "BLANKS": "\n".join(blanks), "ENTRIES": "\n".join(entries), "RETURNED": "\n".join(returned),
        }  # fmt: skip
        text = self.template
        for key, value in parts.items():
            text = _filled(text, key, value)
        return text


def _filled(text: str, key: str, value: str) -> str:
    """Put a part into its place; each of its lines is as far to the right as the place was."""
    lines = []
    for line in text.split("\n"):
        if line.strip() == f"«{key}»":
            before = line[: len(line) - len(line.lstrip())]
            lines += [before + own if own else own for own in value.split("\n")] if value else []
        else:
            lines.append(line.replace(f"«{key}»", value))
    return "\n".join(lines)


# --- Python -------------------------------------------------------------------------------------------

_PYTHON_HEAD = '''"""Back-propagation for the scenario «TITLE».

Fill in backward(), run this file, and see what bpstep finds:

    bpstep compare «TITLE» mine.json
"""

import json
'''

_PYTHON_TAIL = """
«GIVEN»


«FUNCTIONS»


# forward: ready

«FORWARD»


def backward():
    «ABOUT»
    # Yours: replace every None that you can; what stays None is not compared.
    «BLANKS»
    return {
        «RETURNED»
    }


# the file: ready

numbers = {
    «ENTRIES»
    **backward(),
}
"""

_NUMPY = Language(
    "numpy", "#",
    _PYTHON_HEAD + "\nimport numpy as np\n" + _PYTHON_TAIL + '''
with open("mine.json", "w") as file:
    json.dump({name: np.asarray(x).tolist() for name, x in numbers.items() if x is not None}, file)
''',
    {
        "sigmoid": "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))",
        "tanh": "", "linear": "",
        "relu": "def relu(z):\n    return np.maximum(z, 0)",
        "leaky-relu": "def leaky_relu(z):\n    return np.where(z > 0, z, 0.01 * z)",
        "softplus": "def softplus(z):\n    return np.log1p(np.exp(z))",
        "softmax": "def softmax(z):\n    powers = np.exp(z - z.max(axis=1, keepdims=True))\n"
        "    return powers / powers.sum(axis=1, keepdims=True)",
    },
    {
        "linear": "", "tanh": "np.tanh", "exp": "np.exp", "ln": "np.log", "sin": "np.sin", "cos": "np.cos",
        "tan": "np.tan", "sinh": "np.sinh", "cosh": "np.cosh", "sqrt": "np.sqrt", "abs": "np.abs",
        "max": "np.maximum", "min": "np.minimum",
    },
    array="np.array({rows})", join="np.hstack([{}])",
    define_cost="def {name}(y, t):\n    return np.sum({text})", count="np.size(y)",
)  # fmt: skip

_TORCH = Language(
    "torch", "#",
    _PYTHON_HEAD + "\nimport torch\n\ntorch.set_default_dtype(torch.float64)\n" + _PYTHON_TAIL + '''
numbers = {name: torch.as_tensor(x).detach().tolist() for name, x in numbers.items() if x is not None}
with open("mine.json", "w") as file:
    json.dump(numbers, file)
''',
    {
        "sigmoid": "", "tanh": "", "linear": "", "relu": "", "softplus": "",
        "leaky-relu": "", "softmax": "def softmax(z):\n    return torch.softmax(z, dim=1)",
    },
    {
        "linear": "", "sigmoid": "torch.sigmoid", "tanh": "torch.tanh", "relu": "torch.relu",
        "leaky-relu": "torch.nn.functional.leaky_relu", "softplus": "torch.nn.functional.softplus",
        "exp": "torch.exp", "ln": "torch.log", "sin": "torch.sin", "cos": "torch.cos", "tan": "torch.tan",
        "sinh": "torch.sinh", "cosh": "torch.cosh", "sqrt": "torch.sqrt", "abs": "torch.abs",
        "max": "torch.maximum", "min": "torch.minimum", "erf": "torch.erf", "gelu": "torch.nn.functional.gelu",
        "silu": "torch.nn.functional.silu",
    },
    array="torch.tensor({rows})", join="torch.hstack([{}])", scalar="torch.tensor({value})",
    define_cost="def {name}(y, t):\n    return torch.sum({text})", count="y.numel()",
)  # fmt: skip

_PLAIN = Language(
    "python", "#",
    _PYTHON_HEAD + '''import math


def weighted(a, W, b=None):
    """A row of net inputs for every row of a: sums of products, plus the bias."""
    b = b or [0.0] * len(W)
    return [[sum(w * x for w, x in zip(row, sample)) + c for row, c in zip(W, b)] for sample in a]


def each(f, z):
    """f of every number of a matrix."""
    return [[f(x) for x in row] for row in z]

''' + _PYTHON_TAIL + '''
with open("mine.json", "w") as file:
    json.dump({name: x for name, x in numbers.items() if x is not None}, file)
''',
    {
        "sigmoid": "def sigmoid(x):\n    return 1 / (1 + math.exp(-x))",
        "tanh": "", "linear": "def linear(x):\n    return x",
        "relu": "def relu(x):\n    return max(x, 0.0)",
        "leaky-relu": "def leaky_relu(x):\n    return x if x > 0 else 0.01 * x",
        "softplus": "def softplus(x):\n    return math.log1p(math.exp(x))",
        "softmax": "def softmax(z):\n    powers = [[math.exp(x - max(row)) for x in row] for row in z]\n"
        "    return [[p / sum(row) for p in row] for row in powers]",
    },
    {
        "tanh": "math.tanh", "exp": "math.exp", "ln": "math.log", "sin": "math.sin", "cos": "math.cos",
        "tan": "math.tan", "sinh": "math.sinh", "cosh": "math.cosh", "sqrt": "math.sqrt", "abs": "abs",
        "max": "max", "min": "min", "erf": "math.erf",
    },
    join="[sum(rows, []) for rows in zip({})]", product="weighted({a}, {w})",
    plus="weighted({a}, {w}, {b})", apply="each({f}, {z})",
)  # fmt: skip

# --- MATLAB and Octave, Julia -------------------------------------------------------------------------

_MATLAB_TEXT = """% Back-propagation for the scenario «TITLE», for MATLAB and Octave (7 or later).
%
% Fill in the backward part, run this file, and see what bpstep finds:
%
%     bpstep compare «TITLE» mine.json

1;  % a script, not a function

«GIVEN»

«FUNCTIONS»

% --- forward: ready ---------------------------------------------------------

«FORWARD»

% --- backward: yours --------------------------------------------------------

«ABOUT»
% Replace every [] that you can; what stays [] is not compared.

«BLANKS»

% --- the file: ready --------------------------------------------------------

numbers = {
    «ENTRIES»
    «RETURNED»
};
text = {};
for k = 1:size(numbers, 1)
    if ~isempty(numbers{k, 2})
        rows = arrayfun(@(r) ['[' strjoin(arrayfun(@(x) sprintf('%.17g', x), numbers{k, 2}(r, :), ...
            'UniformOutput', false), ', ') ']'], 1:size(numbers{k, 2}, 1), 'UniformOutput', false);
        text{end + 1} = ['"' numbers{k, 1} '": [' strjoin(rows, ', ') ']'];
    end
end
file = fopen('mine.json', 'w');
fprintf(file, '%s', ['{' strjoin(text, ', ') '}']);
fclose(file);
"""


def _matlab_row(row: Sequence[float]) -> str:
    return ", ".join(map(repr, row))


_MATLAB = Language(
    "matlab", "%", _MATLAB_TEXT,
    {
        "sigmoid": "sigmoid = @(z) 1 ./ (1 + exp(-z));", "tanh": "", "linear": "",
        "relu": "relu = @(z) max(z, 0);", "leaky-relu": "leaky_relu = @(z) max(z, 0) + 0.01 * min(z, 0);",
        "softplus": "softplus = @(z) log(1 + exp(z));",
        "softmax": "softmax = @(z) exp(z - max(z, [], 2)) ./ sum(exp(z - max(z, [], 2)), 2);",
    },
    {"linear": "", "ln": "log"},
    array="[{rows}]", power="^", join="[{}]", product="{a} * {w}'", empty="[]", entry="'{key}', {name};", end=";",
    row=_matlab_row, rows=lambda rows: ";\n    ".join(rows),
    define="{name} = @(z) {text};", define_cost="{name} = @(y, t) {text};", signs={"^": ".^", "*": ".*", "/": "./"},
)  # fmt: skip

_JULIA_TEXT = """# Back-propagation for the scenario «TITLE», for Julia.
#
# Fill in the backward part, run this file, and see what bpstep finds:
#
#     bpstep compare «TITLE» mine.json

«GIVEN»

«FUNCTIONS»

# --- forward: ready ---------------------------------------------------------

«FORWARD»

# --- backward: yours --------------------------------------------------------

«ABOUT»
# Replace every nothing that you can; what stays nothing is not compared.

«BLANKS»

# --- the file: ready --------------------------------------------------------

numbers = [
    «ENTRIES»
    «RETURNED»
]
json(x::Number) = string(Float64(x))
json(x::AbstractVector) = "[" * join(json.(x), ", ") * "]"
json(x::AbstractMatrix) = "[" * join([json(vec(row)) for row in eachrow(x)], ", ") * "]"
open("mine.json", "w") do file
    write(file, "{" * join(["\\"$name\\": " * json(x) for (name, x) in numbers if x !== nothing], ", ") * "}")
end
"""


def _julia_row(row: Sequence[float]) -> str:
    return " ".join(map(repr, row))


_JULIA = Language(
    "julia", "#", _JULIA_TEXT,
    {
        "sigmoid": "sigmoid(z) = 1 ./ (1 .+ exp.(-z))", "tanh": "", "linear": "",
        "relu": "relu(z) = max.(z, 0)", "leaky-relu": "leaky_relu(z) = max.(z, 0) .+ 0.01 .* min.(z, 0)",
        "softplus": "softplus(z) = log1p.(exp.(z))",
        "softmax": "softmax(z) = (p = exp.(z .- maximum(z, dims=2)); p ./ sum(p, dims=2))",
    },
    {"linear": "", "ln": "log", "tanh": "tanh."},
    array="[{rows}]", power="^", join="hcat({})", product="{a} * {w}'", empty="nothing", entry='("{key}", {name}),',
    row=_julia_row, rows=lambda rows: ";\n    ".join(rows), plus="{product} .+ {b}",
    define="{name}(z) = @. {text}", define_cost="{name}(y, t) = {text}",
)  # fmt: skip

#: The languages, by the name that ``--lang`` takes.
LANGUAGES: dict[str, Language] = {one.name: one for one in (_NUMPY, _PLAIN, _TORCH, _MATLAB, _JULIA)}
