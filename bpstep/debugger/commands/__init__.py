"""The command table: everything that can be done at a console, a row each.

A family of commands is a module that exports its rows; here they stand one behind the other, in the order of the help.
The screen's keys and command line, the prompt, the scripts, the completion, the help and the README's list all read
this table, so a row that is added to a family is there for all of them.

A row's function gets the session (the desk, where it needs what lies beside it) and what stood behind the command's
name, and answers with an `Answer`, or raises a `CommandError` that points at a place in the line.
"""

from __future__ import annotations

from bpstep.debugger.command import Command
from bpstep.debugger.commands.branching import BRANCHING
from bpstep.debugger.commands.changing import CHANGING
from bpstep.debugger.commands.comparing import COMPARING
from bpstep.debugger.commands.deriving import DERIVING
from bpstep.debugger.commands.exercising import EXERCISING
from bpstep.debugger.commands.expecting import EXPECTING
from bpstep.debugger.commands.exporting import EXPORTING
from bpstep.debugger.commands.folding import FOLDING
from bpstep.debugger.commands.looking import LOOKING
from bpstep.debugger.commands.moving import MOVING
from bpstep.debugger.commands.notation import NOTATION
from bpstep.debugger.commands.scripting import SCRIPTING
from bpstep.debugger.commands.session import about_the_session
from bpstep.debugger.commands.sourcing import SOURCING
from bpstep.debugger.commands.stopping import STOPPING
from bpstep.debugger.commands.tracing import TRACING
from bpstep.debugger.commands.training import TRAINING

__all__ = ["COMMANDS"]

#: Every command, by name, in the order of the help.
COMMANDS: dict[str, Command] = {}

_FAMILIES = (
    MOVING,
    STOPPING,
    TRACING,
    FOLDING,
    NOTATION,
    COMPARING,
    LOOKING,
    CHANGING,
    TRAINING,
    BRANCHING,
    EXERCISING,
    DERIVING,
    EXPECTING,
    SCRIPTING,
    EXPORTING,
    SOURCING,
    about_the_session(COMMANDS),
)

COMMANDS.update((row.name, row) for family in _FAMILIES for row in family)
