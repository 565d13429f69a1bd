"""The keys: one table.  Each row submits a command, or does a thing that only a screen can do (an ``action``).

The screen binds these rows, the key line shows them, and the help lists them.  A row whose command does not
exist is neither bound nor shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from bpstep.debugger.commands import COMMANDS

__all__ = ["KEYS", "Key", "working_keys"]


@dataclass(frozen=True)
class Key:
    """One or more ``keys``, as Textual names them; ``shown`` as a learner reads them.

    ``line`` is the command that is submitted, or "" where ``action`` names what the screen does.  ``label`` is its
    word in the key line ("" keeps it out); ``says`` is its line in the help.
    """

    keys: str
    shown: str
    says: str
    line: str = ""
    action: str = ""
    label: str = ""


KEYS: tuple[Key, ...] = (
    Key("right,s", "→", "one step", "step", label="step"),
    Key("left,S", "←", "one step back", "back", label="back"),
    Key("n", "n", "to the end of this neuron (of this variable)", "step neuron", label="neuron"),
    Key("N", "N", "back by a neuron", "back neuron"),
    Key("right_square_bracket", "]", "to the end of this phase", "step phase", label="phase"),
    Key("left_square_bracket", "[", "back by a phase", "back phase"),
    Key("right_curly_bracket", "}", "to the end of this epoch", "step epoch"),
    Key("left_curly_bracket", "{", "back by an epoch", "back epoch"),
    Key("home", "Home", "to the start", "goto start"),
    Key("end", "End", "to the end", "goto end"),
    Key("w", "w", "why: where this number comes from", action="why", label="why"),
    Key("tab", "Tab", "the next view", action="view(1)", label="view"),
    Key("shift+tab", "Shift+Tab", "the view before", action="view(-1)"),
    Key(
        "p",
        "p",
        "predict the next value; in an exercise, back to the question",
        action="predict",
        label="predict",
    ),
    Key("t", "t", "train: so many epochs", action="ask('train ')", label="train"),
    Key("l", "l", "the loss, the gradients, the decision over the epochs", action="loss", label="loss"),
    Key("c", "c", "on to the next stop", "continue", label="continue"),
    Key("C", "C", "back to the last stop", "rcontinue"),
    Key("b", "b", "a stop at this cell, or no more", action="stop_here", label="stop"),
    Key("g", "g", "go to a step, a cell or an epoch", action="ask('goto ')", label="go to"),
    Key("u", "u", "on to a cell, a phase or a condition", action="ask('until ')"),
    Key("r", "r", "a rule: the right one, or a mistake people make", action="choose('rules')", label="rule"),
    Key("e", "e", "play with learning rate, cost and optimizer", action="choose('changes')", label="change"),
    Key("o", "o", "a notation: the letters of another book", action="choose('notations')", label="notation"),
    Key("k", "k", "check every gradient by three ways", "check"),
    Key("i", "i", "the story of this scenario", action="story", label="story"),
    Key("space", "Space", "play and pause", action="play", label="play"),
    Key("plus", "+", "play faster", action="speed(2)"),
    Key("minus", "−", "play slower", action="speed(-2)"),
    Key("v", "v", "pin this view: a step does not bring the chain back", action="pin"),
    Key("slash", "/", "find a cell: print it", action="ask('print ')"),
    Key("full_stop", ".", "more keys in the last row", action="more_keys", label="more"),
    Key("colon", ":", "a command", action="ask('')", label="command"),
    Key("question_mark,f1", "?", "this help", action="help", label="help"),
    Key("escape", "Esc", "back to the step", action="back_to_step"),
    Key("q", "q", "quit", action="leave", label="quit"),
)

#: What the screen does by itself, without a command of the table.
_NEEDS = {"stop_here": "break", "why": "why", "loss": "train", "predict": "predict"}


def working_keys() -> list[Key]:
    """The keys whose command exists."""
    return [key for key in KEYS if _command_of(key) in COMMANDS or not _command_of(key)]


def _command_of(key: Key) -> str:
    return key.line.split()[0] if key.line else _NEEDS.get(key.action, "")
