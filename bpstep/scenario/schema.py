"""The schema of scenario files: which keys there are, and of which type.

These models check types and say what was expected; whether the parts fit together (shapes, names, sources) is
checked in `bpstep.scenario.checks`, so that all problems of a file can be told at once.  The description of a
field is what an error message calls "expected", and what an editor shows from the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

__all__ = ["NOTATION_NAMES", "ScenarioFile", "json_schema"]

NOTATION_NAMES = ("bpstep", "nielsen", "ng", "pdp", "autodiff")

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]
Names = list[Text] | Whole

Activation = Literal["linear", "sigmoid", "tanh", "relu", "leaky-relu", "softplus", "softmax"]
CostName = Literal[
    "half-squared-error", "squared-error", "mean-squared-error",
    "absolute-error", "binary-cross-entropy", "cross-entropy",
]  # fmt: skip
Scheme = Literal[
    "uniform", "normal", "xavier-uniform", "xavier-normal", "he-uniform", "he-normal", "constant"
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class InitTable(_Table):
    """How a layer's weights are drawn."""

    scheme: Scheme = Field(description="the name of a scheme")
    seed: Annotated[int, Field(strict=True, ge=0)] | None = Field(
        None, description="a whole number from 0 on"
    )
    low: Number | None = Field(None, description="a number (uniform; -1)")
    high: Number | None = Field(None, description="a number (uniform; 1)")
    mean: Number | None = Field(None, description="a number (normal; 0)")
    std: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)] | None = Field(
        None, description="a number from 0 on (normal; 1)"
    )
    value: Number | None = Field(None, description="a number (constant)")


class LayerTable(_Table):
    """One layer."""

    name: Text | None = Field(None, description="a name; default l1, l2, ...")
    neurons: Names = Field(description="a list of names, or a count from 1 on")
    activation: Activation = Field(description="the name of an activation")
    weights: list[list[Number]] | None = Field(
        None, description="one row of numbers per neuron, one column per source"
    )
    bias: list[Number] | Number | Annotated[bool, Field(strict=True)] | None = Field(
        None, description="a list of numbers, one number for all, true or false"
    )
    frozen: list[Literal["weights", "bias"]] = Field(
        default_factory=list, description='a list of "weights" and/or "bias"'
    )
    from_: list[Text] | None = Field(None, alias="from", description='a list of layer names ("inputs" too)')
    init: InitTable | None = Field(None, description="a table with a scheme")


class NetworkTable(_Table):
    """A feed-forward network."""

    inputs: Names = Field(description="a list of names, or a count from 1 on")
    cost: CostName = Field(description="the name of a cost")
    input_gradients: Annotated[bool, Field(strict=True)] = Field(False, description="true or false")
    layer: list[LayerTable] = Field(min_length=1, description="at least one [[network.layer]]")


class ExpressionTable(_Table):
    """A composite function."""

    define: list[Text] | Text = Field(description='a statement such as "y = x^2", or a list of them')
    output: Text | None = Field(None, description="the name of a variable")
    parameters: list[Text] = Field(default_factory=list, description="a list of names of inputs")
    inputs: dict[str, Number] = Field(default_factory=dict, description="a table of numbers")


class SampleTable(_Table):
    """One sample."""

    input: list[Number] = Field(description="a list of numbers, one per input")
    target: list[Number] = Field(description="a list of numbers, one per output")


class NoteTable(_Table):
    """A note of the story."""

    at: Text = Field(description='a cell, an op, a phase, "start" or "end"')
    say: Text = Field(description="text; {EXPR} is filled in")
    when: Text | None = Field(None, description="a condition over cells, such as local[h2] == 0")
    epoch: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        None, description="a whole number from 1 on"
    )
    sample: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        None, description="a whole number from 1 on"
    )


class OptimizerTable(_Table):
    """An optimizer with its settings."""

    name: Literal["sgd", "momentum", "adam", "adamw"] = Field(description="sgd, momentum, adam or adamw")
    momentum: Number | None = Field(None, description="a number")
    nesterov: Annotated[bool, Field(strict=True)] | None = Field(None, description="true or false")
    beta1: Number | None = Field(None, description="a number")
    beta2: Number | None = Field(None, description="a number")
    epsilon: Number | None = Field(None, description="a number")
    weight_decay: Number | None = Field(None, description="a number")


class TrainingTable(_Table):
    """How the parameters are changed."""

    learning_rate: Number | None = Field(None, description="a number")
    batch: Literal["full"] | Annotated[int, Field(strict=True, ge=1)] = Field(
        1, description='"full", or samples per update (from 1 on)'
    )
    reduction: Literal["mean", "sum"] = Field("mean", description='"mean" or "sum"')
    epochs: Annotated[int, Field(strict=True, ge=1, le=10**9)] = Field(
        1, description="a whole number from 1 on"
    )
    shuffle: Annotated[int, Field(strict=True, ge=0)] | None = Field(None, description="a seed, from 0 on")
    l2: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)] = Field(
        0.0, description="a number from 0 on"
    )
    optimizer: Literal["sgd", "momentum", "adam", "adamw"] | OptimizerTable = Field(
        "sgd", description='sgd, momentum, adam or adamw, or a table such as { name = "adam" }'
    )


class ScenarioFile(_Table):
    """A scenario file of bpstep, format 1."""

    format: Literal[1] = Field(description="1, the format that this bpstep knows")
    title: Text = Field(description="one line of text")
    summary: Text = Field("", description="one line of text")
    story: Text = Field("", description="Markdown text")
    source: Text = Field("", description="text")
    notation: Literal["bpstep", "nielsen", "ng", "pdp", "autodiff"] = Field(
        "bpstep", description="the name of a notation"
    )
    expression: ExpressionTable | None = Field(None, description="a table")
    network: NetworkTable | None = Field(None, description="a table")
    sample: list[SampleTable] = Field(default_factory=list, description="[[sample]] tables")
    samples: Text | None = Field(None, description="the path of a CSV file")
    note: list[NoteTable] = Field(default_factory=list, description="[[note]] tables")
    training: TrainingTable | None = Field(None, description="a table")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files, for editors."""
    schema = ScenarioFile.model_json_schema(by_alias=True)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}
