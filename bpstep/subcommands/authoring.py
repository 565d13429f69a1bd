"""Subcommands for whoever writes scenarios: new, import, schema."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from bpstep.subcommands import OK, Subcommand, UsageError, print_json, tell, typed
from bpstep.visible import visible

__all__ = ["ROWS"]


def _new_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to write it; nothing is overwritten")


def _new(arguments: Namespace) -> int:
    from bpstep.scenario.template import TEMPLATE

    _write(arguments.file, TEMPLATE)
    return OK


def _write(name: str, text: str) -> None:
    """A new file; one that is there is left as it is."""
    try:
        with open(name, "x", encoding="utf-8", newline="\n") as to:
            to.write(text)
    except FileExistsError:
        raise UsageError(f"{name} exists already; it is left as it is") from None
    print(visible(f"{name} is written; open it with: bpstep {typed(name)}"))


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="arrays W1 b1 W2 b2 …: NPZ, safetensors, JSON or MAT")
    parser.add_argument(
        "--activations", required=True, metavar="NAMES", help="one for each layer, such as tanh,sigmoid"
    )
    parser.add_argument(
        "--cost", metavar="COST", help="default: cross-entropy for softmax, or half-squared-error"
    )
    parser.add_argument("--layout", choices=("out,in", "in,out"), default="", help="how weights lie")
    parser.add_argument("--out", metavar="FILE", help="where to write it; nothing is overwritten")


def _import(arguments: Namespace) -> int:
    """The scenario on standard output, or in a file; how the arrays were taken, beside it."""
    from pathlib import Path

    from bpstep.comparison.reading import NumbersError, read_numbers
    from bpstep.importing.arrays import imported
    from bpstep.importing.networks import ModelError, scenario_text

    shown = "standard input" if arguments.model == "-" else arguments.model
    try:
        found = imported(
            read_numbers(arguments.model), Path(shown).name, arguments.activations.split(","), arguments.cost,
            arguments.layout,
        )  # fmt: skip
        text = scenario_text(found.document, shown)
    except NumbersError as error:
        raise UsageError(str(error)) from None
    except ModelError as error:
        raise UsageError(f"{shown}: {error}") from None
    if arguments.out is None:
        print(text, end="")
        tell("\n".join(found.taken))
    else:
        _write(arguments.out, text)
        print("\n".join(visible(line) for line in found.taken))
    return OK


def _schema_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--for", dest="what", choices=("scenario", "exercise"), default="scenario", help="default: scenario"
    )


def _schema(arguments: Namespace) -> int:
    if arguments.what == "exercise":
        from bpstep.exercises.schema import json_schema
    else:
        from bpstep.scenario.schema import json_schema
    print_json(json_schema())
    return OK


ROWS = (
    Subcommand("new", "write a commented scenario to start from", _new_arguments, _new),
    Subcommand("import", "make a scenario of the arrays of a trained network", _import_arguments, _import),
    Subcommand(
        "schema", "the JSON Schema of scenario or exercise files, for editors", _schema_arguments, _schema
    ),
)
