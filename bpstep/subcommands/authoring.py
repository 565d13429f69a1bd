"""Subcommands for whoever writes scenarios: new, schema."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from bpstep.subcommands import OK, Subcommand, UsageError, print_json
from bpstep.visible import visible

__all__ = ["ROWS"]


def _new_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to write it; nothing is overwritten")


def _new(arguments: Namespace) -> int:
    from bpstep.scenario.template import TEMPLATE

    try:
        with open(arguments.file, "x", encoding="utf-8", newline="\n") as to:
            to.write(TEMPLATE)
    except FileExistsError:
        raise UsageError(f"{arguments.file} exists already; it is left as it is") from None
    print(visible(f"{arguments.file} is written; open it with: bpstep {arguments.file}"))
    return OK


def _nothing(parser: ArgumentParser) -> None:
    """No arguments."""


def _schema(arguments: Namespace) -> int:
    from bpstep.scenario.schema import json_schema

    print_json(json_schema())
    return OK


ROWS = (
    Subcommand("new", "write a commented scenario to start from", _new_arguments, _new),
    Subcommand("schema", "the JSON Schema of scenario files, for editors", _nothing, _schema),
)
