"""The subcommand `completion`: what a shell needs to complete commands, scenarios and exercises.

It is static: the shell reads it once, and no Tab starts Python.  So it knows the scenarios and exercises that are
built in, and beside them every file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bpstep.debugger.looks import LOOKS
from bpstep.subcommands import OK, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action, ArgumentParser, Namespace

__all__ = ["arguments_of_completion", "completable", "completion"]

_SHELLS = ("bash", "zsh", "tcsh")

#: How each shell is told; where it is read from differs from system to system.
_HOW = """\
bash: bpstep completion bash > ~/.local/share/bash-completion/completions/bpstep
zsh:  bpstep completion zsh > DIR/_bpstep, where DIR is one of $fpath
tcsh: bpstep completion tcsh > ~/.bpstep.tcsh, and "source ~/.bpstep.tcsh" in ~/.tcshrc"""


def arguments_of_completion(parser: ArgumentParser) -> None:
    """The shell, and where each of them looks."""
    from argparse import RawDescriptionHelpFormatter

    from bpstep.subcommands.parser import Formatter

    class AsWritten(Formatter, RawDescriptionHelpFormatter):
        """The lines of the epilog stay lines."""

    parser.formatter_class = AsWritten
    parser.epilog = _HOW
    parser.add_argument("shell", choices=_SHELLS, help="the shell that is to complete")


def completion(parser: ArgumentParser, arguments: Namespace) -> int:
    """Print what the shell that is named needs to complete the words of a parser."""
    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: pip install shtab") from None
    print(shtab.complete(completable(parser, shtab.FILE), arguments.shell))
    return OK


def completable(parser: ArgumentParser, files: object) -> ArgumentParser:
    """The parser with what its arguments may be: built-in names, and ``files`` where a file may stand."""
    from argparse import _SubParsersAction

    from bpstep.scenario.catalogue import builtin_names

    commands = next(action for action in parser._actions if isinstance(action, _SubParsersAction))
    for one in commands.choices.values():
        for action in one._actions:
            _tell(action, files)
    # A scenario's name alone opens it.
    for name in builtin_names():
        commands.add_parser(name, help="open this scenario", add_help=False)
    return parser


def _tell(action: Action, files: object) -> None:
    word = action.metavar if isinstance(action.metavar, str) else ""
    names = next((of() for part, of in _NAMES.items() if part in word.split("|")), ())
    if action.dest in LOOKS:
        names = LOOKS[action.dest].choices
    if names and action.choices is None:
        action.choices = tuple(names)
    if not action.choices and any(part in word for part in ("FILE", "FOLDER", "DIR", "NUMBERS")):
        action.complete = files  # type: ignore[attr-defined]


def _scenarios() -> Iterable[str]:
    from bpstep.scenario.catalogue import builtin_names

    return builtin_names()


def _exercises() -> Iterable[str]:
    from bpstep.exercises.loading import load_path

    return [exercise.id for exercise in load_path(None)[0]]


def _topics() -> Iterable[str]:
    from bpstep.debugger.commands import COMMANDS
    from bpstep.debugger.topics import TOPICS

    return dict.fromkeys(word for word in (*COMMANDS, *TOPICS) if word.isalpha())


def _rules() -> Iterable[str]:
    from bpstep.engine.rules import RULES

    return RULES


#: What stands for an argument in the help, and the names that it may be.
_NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "SCENARIO": _scenarios,
    "ID": _exercises,
    "COMMAND": _topics,
    "RULE": _rules,
}
