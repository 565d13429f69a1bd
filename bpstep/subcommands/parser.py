"""The parser of the command line, made of its rows.

It is loaded where something has to be parsed: argparse takes longer to load than a network.
"""

from __future__ import annotations

from argparse import ArgumentParser, HelpFormatter
from collections.abc import Sequence

from bpstep import streams
from bpstep.subcommands import USAGE, Subcommand, looks_arguments, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = ["Formatter", "parser_of"]


class Formatter(HelpFormatter):
    """As wide as all else that is printed; argparse would load half of the standard library to ask the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=streams.columns() - 2)


class Parser(ArgumentParser):
    """argparse quotes what was typed; here it does so safely."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"formatter_class": Formatter, **options})

    def error(self, message: str) -> NoReturn:
        streams.complain(self.format_usage().rstrip())
        tell(f"{self.prog}: error: {message}")
        raise SystemExit(USAGE)


class Subparser(Parser):
    """The parser of a subcommand: options may stand before, among and behind its other arguments.

    argparse takes what need not be there (``[NUMBERS ...]``) for left out as soon as an option follows what must be.
    Where something was left over by that, it reads the options first, and then all the rest.
    """

    _options_first = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        found = super().parse_known_args(args, namespace)
        left = found[1]
        if self._options_first or not left or any(word.startswith("-") for word in left):
            return found
        self._options_first = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._options_first = False


def parser_of(rows: Sequence[Subcommand], *, in_full: bool = True) -> ArgumentParser:
    """The parser of some subcommands: a line that begins with one of them needs no other, and the help that lists them
    does not need their arguments (``in_full``)."""
    parser = Parser(
        prog="bpstep",
        description="Step through back-propagation: every operation, forward and backward.",
        epilog="Without a command: bpstep shows the lessons, and bpstep SCENARIO opens one. bpstep help lists topics, "
        "too, and bpstep help TOPIC is about one.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    looks_arguments(parser)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", parser_class=Subparser
    )
    for row in rows:
        one = commands.add_parser(row.name, help=row.says, description=f"bpstep {row.name}: {row.says}.")
        if in_full:
            row.arguments(one)
            one.set_defaults(run=row.run)
    return parser
