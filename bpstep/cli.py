"""The command line: ``bpstep [COMMAND] ...``.

Each subcommand is a row (`bpstep.subcommands`): its name, what it says in the help, its arguments, and a function
that returns an exit code.  A function imports what it needs when it is called, so that ``bpstep --help`` and
``bpstep list`` start as fast as Python does, and ``bpstep trace`` never loads the screen.  Data goes to standard
output, diagnostics to standard error, and no error of the user's shows a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from bpstep import streams
from bpstep.debugger.looks import LOOKS
from bpstep.subcommands import (
    INTERRUPTED,
    OK,
    RUNNING,
    USAGE,
    Subcommand,
    UsageError,
    authoring,
    classroom,
    completing,
    holding,
    numbers,
    opening,
    picturing,
    serving,
    study,
    tell,
    typed,
)

TYPE_CHECKING = False  # `typing` costs as much as all the rest of this module
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["SUBCOMMANDS", "main", "parser_of_all"]


def _help_arguments(parser: ArgumentParser) -> None:
    from bpstep.debugger.topics import TOPICS

    parser.add_argument(
        "about",
        metavar="COMMAND|TOPIC",
        nargs="?",
        help="a command of this list, or of the prompt; or a topic: " + ", ".join(TOPICS),
    )


def _help(arguments: Namespace) -> int:
    """The help of the command line or of one of its commands; or of a command that is given inside a session."""
    from bpstep.debugger.topics import TOPICS

    about = arguments.about
    is_ours = about is None or about in (row.name for row in SUBCOMMANDS)
    if about is None:
        from bpstep.debugger.help import topics_listed
        from bpstep.subcommands.parser import parser_of

        parser_of(SUBCOMMANDS, in_full=False).print_help()
        print("\ntopics:", *topics_listed(streams.columns() - 2), sep="\n")
        return OK
    if not is_ours or about in TOPICS:
        import bpstep.view.say.views  # noqa: F401 (the help names the views)
        from bpstep.debugger.commands import COMMANDS
        from bpstep.debugger.help import help_text

        print(help_text(COMMANDS, about, columns=streams.columns()))
    if is_ours:
        if about in TOPICS:
            print()
        parser_of_all().parse_args([about, "--help"])
    return OK


SUBCOMMANDS = (
    *opening.ROWS,
    *numbers.ROWS,
    *picturing.ROWS,
    *serving.ROWS,
    *holding.ROWS,
    *study.ROWS,
    *classroom.ROWS,
    *authoring.ROWS,
    Subcommand(
        "completion",
        "a script that lets your shell complete commands, scenarios and exercises",
        completing.arguments_of_completion,
        lambda arguments: completing.completion(parser_of_all(), arguments),
    ),
    Subcommand("help", "this help, or that of a command or a topic", _help_arguments, _help),
)


def parser_of_all() -> ArgumentParser:
    """The parser of the command line, with every subcommand."""
    from bpstep.subcommands.parser import parser_of

    return parser_of(SUBCOMMANDS)


#: What people type for a command of ours.
_MEANT = {
    "validate": "lint",
    "verify": "check",
    "test": "replay",
    "ls": "list",
    "init": "new",
}


def _with_default_command(words: Sequence[str]) -> list[str]:
    """``bpstep xor`` means ``bpstep open xor``; a word that is neither a command nor a scenario gets its line."""
    names = [row.name for row in SUBCOMMANDS]
    before = _leading_looks(words)
    if 0 < before < len(words):  # how it shall look may be said first, too
        return [*_with_default_command(words[before:]), *words[:before]]
    if not words or words[0].startswith("-") or words[0] in names:
        return list(words)
    first, rest = words[0], [typed(word) for word in words[1:]]
    if not _may_be_scenario(first):
        from bpstep.debugger.commands import COMMANDS
        from bpstep.scenario.catalogue import builtin_names
        from bpstep.scenario.problems import did_you_mean

        if first in _MEANT:
            raise UsageError(
                f'there is no command "{first}"; try: {" ".join(["bpstep", _MEANT[first], *rest])}'
            )
        if first in COMMANDS:
            where = "bpstep repl SCENARIO, or behind : on the screen"
            raise UsageError(f'"{first}" is a command within a session: {where}')
        near = did_you_mean(first, [*names, *builtin_names()])
        raise UsageError(
            f'"{first}" is no command, no built-in scenario and no file{near} ("bpstep help" says more)'
        )
    return ["open", *words]


def _leading_looks(words: Sequence[str]) -> int:
    """How many of the first words say how it shall look."""
    found = 0
    while found < len(words) and words[found].partition("=")[0] in [f"--{name}" for name in LOOKS]:
        found += 1 if "=" in words[found] else 2
    return found


def _may_be_scenario(word: str) -> bool:
    """Whether a word can name a scenario: built in, a file that is there, or what looks like the name of one."""
    from bpstep.scenario.catalogue import builtin_names

    looks_like_file = word.endswith((".toml", ".bps")) or os.sep in word or "/" in word
    return looks_like_file or word in builtin_names() or os.path.lexists(word)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code."""
    streams.prepare()
    try:
        return _carefully(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        streams.complain("interrupted")
        return INTERRUPTED
    finally:
        streams.let_go()


def _print_version() -> int:
    from importlib.metadata import version

    print(f"bpstep {version('bpstep')}")
    return OK


def _run(words: list[str]) -> int:
    """Run a subcommand.  The name of a scenario alone needs no parser: that takes longer to load than the network."""
    if len(words) == 2 and words[0] == "open" and not words[1].startswith("-"):
        return opening.open_plainly(words[1])
    from bpstep.subcommands.parser import parser_of

    meant = [row for row in SUBCOMMANDS if words and row.name == words[0]]
    lists_all = words in (["-h"], ["--help"])
    arguments = parser_of(meant or SUBCOMMANDS, in_full=not lists_all).parse_args(words)
    run: Callable[[Namespace], int] = getattr(arguments, "run", opening.home)
    return _print_version() if arguments.version else run(arguments)


def _carefully(words: Sequence[str]) -> int:
    """Run a subcommand; what the user got wrong becomes lines on standard error and an exit code."""
    try:
        code = _run(_with_default_command(words))
        sys.stdout.flush()
        return code
    except UsageError as error:
        tell(f"bpstep: {error}")
    except OSError as error:
        if streams.is_gone(error):
            return OK  # whoever reads our output has seen enough
        where = f"{error.filename}: " if error.filename else ""
        tell(f"bpstep: {where}{error.strerror or error}")
        from bpstep.writing import NotWrittenError

        return RUNNING if isinstance(error, NotWrittenError) or not error.filename else USAGE
    except Exception as error:
        if not _is_users(error):
            from bpstep.unexpected import told

            tell(told(error))
            return RUNNING
        tell(error)
        return RUNNING if getattr(error, "code", USAGE) == RUNNING else USAGE
    return USAGE


def _is_users(error: Exception) -> bool:
    """Whether an error is about what the user gave us: a scenario, a command, or the name of a file."""
    from bpstep.debugger.errors import CommandError
    from bpstep.files import NothingFoundError
    from bpstep.scenario.problems import ScenarioError

    return isinstance(error, ScenarioError | CommandError | NothingFoundError)
