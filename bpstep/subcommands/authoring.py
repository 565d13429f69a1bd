"""Subcommands for whoever writes scenarios, scripts and exercises: new, import, schema, lint."""

from __future__ import annotations

from bpstep.subcommands import (
    OK,
    USAGE,
    Subcommand,
    UsageError,
    force_argument,
    json_argument,
    named_file,
    print_json,
    tell,
    trust_argument,
    typed,
)
from bpstep.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["ROWS"]


def _new_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=named_file, metavar="FILE", help="where to write it")
    force_argument(parser)


def _new(arguments: Namespace) -> int:
    from bpstep.scenario.template import TEMPLATE

    _write(arguments.file, TEMPLATE, force=arguments.force)
    return OK


def _write(name: str, text: str, *, force: bool) -> None:
    from pathlib import Path

    from bpstep.writing import gives, write_whole

    write_whole(Path(name), gives([text]), replace=force)
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
    parser.add_argument("-o", "--out", type=named_file, metavar="FILE", help="where to write it")
    force_argument(parser)


def _import(arguments: Namespace) -> int:
    """The scenario on standard output, or in a file; how the arrays were taken, beside it."""
    from pathlib import Path

    from bpstep.comparison.entries import NumbersError
    from bpstep.comparison.reading import read_numbers
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
        _write(arguments.out, text, force=arguments.force)
        print("\n".join(visible(line) for line in found.taken))
    return OK


def _lint_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="scenarios, exercises (*.toml) and scripts (*.bps), or folders of them",
    )
    json_argument(parser)
    trust_argument(parser)


def _lint(arguments: Namespace) -> int:
    """Everything that is wrong, a line each; where that is an error, the files do not open."""
    from bpstep.english import counted
    from bpstep.files import expanded
    from bpstep.linting import ENDINGS, ERROR, findings_of

    files = expanded(arguments.files, *ENDINGS)
    looked, found = findings_of(files, arguments.files, trusted=arguments.trust)
    errors = sum(one.severity == ERROR for one in found)
    if arguments.json:
        rows = [
            {"file": o.file, "line": o.line, "column": o.column, "severity": o.severity, "message": o.message}
            for o in found
        ]
        print_json({"ok": not errors, "files": looked, "findings": rows})
    else:
        for one in found:
            print(one)
        warned = f", {counted(len(found) - errors, 'warning')}" if len(found) > errors else ""
        print(f"{counted(looked, 'file')}: {counted(errors, 'error') if errors else 'no errors'}{warned}")
    return USAGE if errors else OK


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
    Subcommand("lint", "what is wrong with scenarios, scripts and exercises, unrun", _lint_arguments, _lint),
    Subcommand(
        "schema", "the JSON Schema of scenario or exercise files, for editors", _schema_arguments, _schema
    ),
)
