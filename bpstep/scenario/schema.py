"""The schema of scenario files: which keys there are, and what each of them may be.

Each table is a record, and a record that was read holds nothing but what its fields state: a key that was left out or
refused has its default.  Whether the parts fit together (shapes, names, sources) is checked on these records, by
`network`, `expression`, `training` and `notes`, so that all problems of a file are told at once.

What a kind says is what an error message calls "expected", and what an editor shows from the JSON Schema.  Names that
stand in a table elsewhere (activations, costs, optimizers, notations) are taken from there.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS, Optimizer
from bpstep.lazily import dataclass
from bpstep.scenario.kinds import (
    Choice,
    Either,
    Flag,
    Kind,
    ListOf,
    Matching,
    Named,
    Nested,
    Number,
    Numbers,
    Text,
    Whole,
)
from bpstep.scenario.notations import NOTATIONS
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report, nearest
from bpstep.scenario.records import Table, key
from bpstep.scenario.requirements import REQUIREMENT
from bpstep.scenario.schemes import SCHEMES

__all__ = [
    "MOST_LAYERS",
    "MOST_NAMES",
    "DrawnTable",
    "ExpressionTable",
    "InitTable",
    "LayerTable",
    "NetworkTable",
    "NoteTable",
    "OptimizerTable",
    "SampleTable",
    "SamplesTable",
    "ScenarioFile",
    "TrainingTable",
    "ValuesTable",
    "json_schema",
    "read_scenario",
]

#: Inputs and neurons of a network, in all.
MOST_NAMES = 100_000
#: Layers of a network: each has a place of its own in every pane.
MOST_LAYERS = 5_000
#: What a run of so many epochs would take lies far behind anybody's patience.
_MOST_EPOCHS = 10**9

_NUMBER = Number("a finite number")
_TEXT = Text("text")
_FLAG = Flag("true or false")
_FROM_1 = Whole("a whole number from 1 on", least=1)
_SEED = Whole("a seed: a whole number from 0 on", least=0)
_COUNT = "a list of names, or a count from 1 on"
_NAMES = Either[list[str] | int](
    _COUNT, ListOf("at least one name", _TEXT, least=1), Whole(_COUNT, least=1, most=MOST_NAMES)
)
_MOST_AXES = 4
_DEFINE = 'a statement such as "y = x^2", or a list of them'
_BATCH = '"full", or samples per update (from 1 on)'
_SAMPLES = 'the path of a CSV file, or a table such as { file = "iris.csv", label = "species" }'
_OPTIMIZER = 'the name of an optimizer, or a table such as { name = "adam" }'


@dataclass(frozen=True, kw_only=True)
class InitTable:
    """How a layer's weights are drawn."""

    scheme: str | None = key(Choice("the name of a scheme", SCHEMES), None, needed=True)
    seed: int | None = key(_SEED, None)
    low: float | None = key(Number("a finite number (uniform; -1)"), None)
    high: float | None = key(Number("a finite number (uniform; 1)"), None)
    mean: float | None = key(Number("a finite number (normal; 0)"), None)
    std: float | None = key(Number("a finite number from 0 on (normal; 1)", least=0.0), None)
    value: float | None = key(Number("a finite number (constant)"), None)


@dataclass(frozen=True, kw_only=True)
class DrawnTable(InitTable):
    """How the numbers of an array are drawn."""

    shape: list[int] | None = key(
        ListOf("the sizes of one to four axes", _FROM_1, least=1, most=_MOST_AXES), None, needed=True
    )


#: What a variable may be: lists stand for arrays, row by row.
Value = float | list[Any]
_VALUE = (_NUMBER, Nested("a list of finite numbers, or lists of lists of equal length", axes=_MOST_AXES))


@dataclass(frozen=True, kw_only=True)
class LayerTable:
    """One layer."""

    name: str | None = key(Text("a name; default l1, l2, ..."), None)
    neurons: list[str] | int | None = key(_NAMES, None, needed=True)
    activation: str | None = key(Choice("the name of an activation", ACTIVATIONS), None, needed=True)
    weights: list[list[float]] | None = key(
        ListOf("one row of numbers per neuron, one column per source", Numbers("a row of finite numbers")),
        None,
    )
    bias: list[float] | float | bool | None = key(
        Either[list[float] | float | bool](
            "a list of finite numbers, one number for all, true or false",
            Numbers("finite numbers"),
            _FLAG,
            _NUMBER,
        ),
        None,
    )
    frozen: list[str] | None = key(
        ListOf('a list of "weights" and/or "bias"', Choice('"weights" or "bias"', ("weights", "bias"))), None
    )
    from_: list[str] | None = key(
        ListOf('a list of layer names ("inputs" too)', Text("the name of a layer"), least=1),
        None,
        name="from",
    )
    init: InitTable | None = key(Table("a table with a scheme", InitTable), None)


@dataclass(frozen=True, kw_only=True)
class NetworkTable:
    """A feed-forward network."""

    inputs: list[str] | int | None = key(_NAMES, None, needed=True)
    cost: str | None = key(Choice("the name of a cost", COSTS), None, needed=True)
    input_gradients: bool = key(_FLAG, False)
    layer: list[LayerTable] | None = key(
        ListOf("at least one [[network.layer]]", Table("a table", LayerTable), least=1, most=MOST_LAYERS),
        None,
        needed=True,
    )


@dataclass(frozen=True, kw_only=True)
class ExpressionTable:
    """A composite function."""

    define: list[str] | str | None = key(
        Either[list[str] | str](_DEFINE, ListOf("at least one statement", _TEXT, least=1), Text(_DEFINE)),
        None,
        needed=True,
    )
    output: str | None = key(Text("the name of a variable"), None)
    parameters: list[str] | None = key(
        ListOf("a list of names of inputs", Text("the name of an input")), None
    )
    inputs: dict[str, Value | DrawnTable | None] | None = key(
        Named(
            "a table of numbers and arrays",
            Either[Value | DrawnTable](
                "a finite number, a list of them, or a table that draws",
                *_VALUE,
                Table("a table that draws", DrawnTable),
            ),
        ),
        None,
    )
    labels: dict[str, list[str] | None] | None = key(
        Named("a table of names with lists of words", ListOf("at least one word", _TEXT, least=1)), None
    )


@dataclass(frozen=True, kw_only=True)
class SampleTable:
    """One sample of a network."""

    input: list[float] | None = key(Numbers("a list of finite numbers, one per input"), None, needed=True)
    target: list[float] | None = key(Numbers("a list of finite numbers, one per output"), None, needed=True)


@dataclass(frozen=True, kw_only=True)
class ValuesTable:
    """One sample of an expression."""

    values: dict[str, Value | None] | None = key(
        Named("a table of numbers and arrays", Either[Value]("a finite number, or a list of them", *_VALUE)),
        None,
        needed=True,
    )


class _Sample(Kind[SampleTable | ValuesTable]):
    """A sample: what stands in it says of which kind of scenario it is."""

    _of_network = Table("a table", SampleTable)
    _of_expression = Table("a table", ValuesTable)

    def takes(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: Path, report: Report) -> SampleTable | ValuesTable | None:
        keys = value if isinstance(value, dict) else ()
        meant = {nearest(key, ("values", "input", "target")) for key in keys}
        if keys and not any(meant):
            report.add(
                at, "has none of its keys; expected input and target, or, of an expression, [sample.values]"
            )
            return None
        of_network = "values" not in meant or "input" in keys or "target" in keys
        return (self._of_network if of_network else self._of_expression).read(value, at, report)

    def types(self) -> dict[str, Any]:
        return {"anyOf": [self._of_network.types(), self._of_expression.types()]}


@dataclass(frozen=True, kw_only=True)
class SamplesTable:
    """Samples from a file, as they are or made ready."""

    file: str | None = key(Text("the path of a CSV file"), None, needed=True)
    label: str | None = key(Text("the name of the column that says which class a sample is of"), None)
    standardize: bool = key(_FLAG, False)


@dataclass(frozen=True, kw_only=True)
class NoteTable:
    """A note of the story."""

    at: str | None = key(Text('a cell, an op, a phase, "start" or "end"'), None, needed=True)
    say: str | None = key(Text("text; {EXPR} is filled in"), None, needed=True)
    when: str | None = key(Text("a condition over cells, such as local[h2] == 0"), None)
    epoch: int | None = key(_FROM_1, None)
    sample: int | None = key(_FROM_1, None)


@dataclass(frozen=True)
class OptimizerTable:
    """An optimizer by its name, with settings."""

    name: str
    settings: dict[str, float | bool] = field(default_factory=dict)


class _Optimizer(Kind[OptimizerTable]):
    """A table whose further keys are those of the row of the table of optimizers that its name says."""

    def takes(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: Path, report: Report) -> OptimizerTable | None:
        if not isinstance(value, dict):
            report.refuse(at, value, self.says)
            return None
        table: dict[str, Any] = value
        if "name" not in table:
            for setting in table.keys() - _settings():
                report.unknown_key((*at, setting), ("name", *sorted(_settings())))
            if not report.has((*at, "name")):
                report.add((*at, "name"), f"is missing; expected one of {', '.join(OPTIMIZERS)}")
            return None
        name = Choice("the name of an optimizer", OPTIMIZERS).read(table["name"], (*at, "name"), report)
        if name is None:
            return None
        known = OPTIMIZERS[name].defaults
        settings: dict[str, float | bool] = {}
        for setting in [name for name in table if name != "name"]:
            here = (*at, setting)
            if setting in known:
                chosen = _kind_like(known[setting]).read(table[setting], here, report)
                if chosen is not None:
                    settings[setting] = chosen
            elif setting in _settings():
                says = f"it has {', '.join(known)}" if known else "it has no settings"
                report.add(here, f'the optimizer "{name}" does not know it; {says}')
            else:
                report.unknown_key(here, ("name", *known))
        return OptimizerTable(name, settings)

    def types(self) -> dict[str, Any]:
        return {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"name": {"enum": [row.name]}, **self.settings(row)},
                    "required": ["name"],
                    "additionalProperties": False,
                }
                for row in OPTIMIZERS.values()
            ]
        }

    def settings(self, row: Optimizer) -> dict[str, Any]:
        """The settings of one optimizer, in the words of JSON Schema."""
        return {name: _kind_like(default).types() for name, default in row.defaults.items()}


def _settings() -> set[str]:
    """The settings of all optimizers."""
    return {name for row in OPTIMIZERS.values() for name in row.defaults}


def _kind_like(default: float | bool) -> Kind[Any]:
    """What a setting may be: a flag where its default is one, or else a number."""
    return _FLAG if isinstance(default, bool) else _NUMBER


@dataclass(frozen=True, kw_only=True)
class TrainingTable:
    """How the parameters are changed."""

    learning_rate: float | None = key(_NUMBER, None)
    batch: str | int | None = key(
        Either[str | int](_BATCH, Choice(_BATCH, ("full",)), Whole(_BATCH, least=1)), None
    )
    reduction: str | None = key(Choice('"mean" or "sum"', ("mean", "sum")), None)
    epochs: int | None = key(Whole("a whole number from 1 on", least=1, most=_MOST_EPOCHS), None)
    shuffle: int | None = key(_SEED, None)
    l2: float | None = key(Number("a finite number from 0 on", least=0.0), None)
    optimizer: OptimizerTable | str | None = key(
        Either[OptimizerTable | str](
            _OPTIMIZER, Choice(_OPTIMIZER, OPTIMIZERS), _Optimizer("an optimizer with its settings")
        ),
        None,
    )


@dataclass(frozen=True, kw_only=True)
class ScenarioFile:
    """A scenario file of bpstep, format 1."""

    format: int | None = key(
        Whole("1, the format that this bpstep knows", least=1, most=1), None, needed=True
    )
    title: str = key(Text("one line of text"), "", needed=True)
    summary: str = key(Text("one line of text"), "")
    story: str = key(Text("Markdown text"), "")
    source: str = key(_TEXT, "")
    notation: str = key(Choice("the name of a notation", NOTATIONS), "bpstep")
    expression: ExpressionTable | None = key(Table("a table", ExpressionTable), None)
    network: NetworkTable | None = key(Table("a table", NetworkTable), None)
    sample: list[SampleTable | ValuesTable] | None = key(
        ListOf("[[sample]] tables", _Sample("a table")), None
    )
    samples: SamplesTable | str | None = key(
        Either[SamplesTable | str](_SAMPLES, Text(_SAMPLES), Table("samples from a file", SamplesTable)), None
    )
    requires: str = key(Matching('the versions of bpstep that know it, such as ">=0.2"', REQUIREMENT), "")
    note: list[NoteTable] | None = key(ListOf("[[note]] tables", Table("a table", NoteTable)), None)
    training: TrainingTable | None = key(Table("a table", TrainingTable), None)


_FILE = Table("a scenario file of bpstep, format 1", ScenarioFile)


def read_scenario(document: dict[str, Any], report: Report) -> ScenarioFile:
    """A file's tables as records; what the schema refuses is reported and left out."""
    return _FILE.read(document, (), report) or ScenarioFile()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:bpstep:schema:scenario:1",
        "title": "ScenarioFile",
        **_FILE.schema(),
    }
