"""The keys: one table.  Each row submits a command, or does a thing that only a screen can do (an ``action``).

The screen binds these rows, the key line shows them, and the help lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

from bpstep.lazily import dataclass

__all__ = ["KEYS", "Key", "bound", "bound_in", "key_named"]


@dataclass(frozen=True)
class Key:
    """One or more ``keys``, as Textual names them; ``shown`` as a learner reads them.

    ``id`` is what the row is called where its keys are changed (Textual's keymap): it stays, whatever the keys are.

    ``line`` is the command that is submitted, or "" where ``action`` names what the screen does.  ``label`` is its
    word in the key line ("" keeps it out); ``says`` is its line in the help.  ``beside``: it is about a learner's own
    numbers, and stands in the key line where they do.
    """

    id: str
    keys: str
    shown: str
    says: str
    line: str = ""
    action: str = ""
    label: str = ""
    beside: bool = False

    @property
    def does(self) -> str:
        """The action of the screen: what it does itself, or to submit the command."""
        return self.action or f"submit('{self.line}')"


KEYS: tuple[Key, ...] = (
    Key("step", "right,s", "→", "one step", "step", label="step"),
    Key("back", "left,S", "←", "one step back", "back", label="back"),
    Key("neuron", "n", "n", "to the end of this neuron (of this variable)", "step neuron", label="neuron"),
    Key("neuron-back", "N", "N", "back by a neuron", "back neuron"),
    Key("phase", "right_square_bracket", "]", "to the end of this phase", "step phase", label="phase"),
    Key("phase-back", "left_square_bracket", "[", "back by a phase", "back phase"),
    Key("epoch", "right_curly_bracket", "}", "to the end of this epoch", "step epoch"),
    Key("epoch-back", "left_curly_bracket", "{", "back by an epoch", "back epoch"),
    Key(
        "wrong",
        "x",
        "x",
        "to the next of your numbers that is wrong",
        "step wrong",
        label="next ✗",
        beside=True,
    ),
    Key("wrong-back", "X", "X", "back to the wrong one before", "back wrong", beside=True),
    Key("start", "home", "Home", "to the start", "goto start"),
    Key("end", "end", "End", "to the end", "goto end"),
    Key("why", "w", "w", "why: where this number comes from", action="why", label="why"),
    Key("view", "tab", "Tab", "the next view", action="view(1)", label="view"),
    Key("view-back", "shift+tab", "Shift+Tab", "the view before", action="view(-1)"),
    Key(
        "predict",
        "p",
        "p",
        "predict the next value; in an exercise, back to the question",
        action="predict",
        label="predict",
    ),
    Key("train", "t", "t", "train: so many epochs", action="ask('train ')", label="train"),
    Key(
        "loss", "l", "l", "the loss, the gradients, the decision over the epochs", action="loss", label="loss"
    ),
    Key("continue", "c", "c", "on to the next stop", "continue", label="continue"),
    Key("continue-back", "C", "C", "back to the last stop", "rcontinue"),
    Key("stop", "b", "b", "a stop at this cell, or no more", action="stop_here", label="stop"),
    Key("goto", "g", "g", "go to a step, a cell or an epoch", action="ask('goto ')", label="go to"),
    Key("until", "u", "u", "on to a cell, a phase or a condition", action="ask('until ')"),
    Key(
        "rule",
        "r",
        "r",
        "a rule: the right one, or a mistake people make",
        action="choose('rules')",
        label="rule",
    ),
    Key(
        "change",
        "e",
        "e",
        "play with learning rate, cost and optimizer",
        action="choose('changes')",
        label="change",
    ),
    Key(
        "notation",
        "o",
        "o",
        "a notation: the letters of another book",
        action="choose('notations')",
        label="notation",
    ),
    Key("check", "k", "k", "check every gradient by three ways", "check"),
    Key("story", "i", "i", "the story of this scenario", action="story", label="story"),
    Key("play", "space", "Space", "play and pause", action="play", label="play"),
    Key("faster", "plus", "+", "play faster", action="speed(2)"),
    Key("slower", "minus", "−", "play slower", action="speed(-2)"),
    Key("pin", "v", "v", "pin this view: a step does not bring the chain back", action="pin"),
    Key("find", "slash", "/", "find a cell: print it", action="ask('print ')"),
    Key("picture", "P", "P", "save the screen as a picture (SVG) in this folder", action="picture"),
    Key("more", "full_stop", ".", "more keys in the last row", action="more_keys", label="more"),
    Key("command", "colon", ":", "a command", action="ask('')", label="command"),
    Key("help", "question_mark,f1", "?", "this help", action="help", label="help"),
    Key("step-shown", "escape", "Esc", "back to the step", action="back_to_step"),
    Key("quit", "q", "q", "quit", action="leave", label="quit"),
)


def bound(rows: Iterable[Key]) -> list[BindingType]:
    """Textual's bindings for rows of the table."""
    return [
        Binding(row.keys, row.does, row.says, show=False, priority=row.keys == "tab", id=row.id)
        for row in rows
    ]


def bound_in(room: str, rows: Mapping[str, str], *, priority: bool = False) -> list[Binding]:
    """Textual's bindings in a room of the screen (a cover, a page): keys, and the action that they bring about.

    A key's id is where it is at home and what it is called there: ``why.enter``.
    """
    return [
        Binding(keys, action, show=False, priority=priority, id=f"{room}.{keys.partition(',')[0]}")
        for keys, action in rows.items()
    ]


#: Keys that are shown by a sign, or by another word than Textual's.
_SHOWN = {"→": "right", "←": "left", "↑": "up", "↓": "down", "−": "minus", "Esc": "escape"}


def key_named(shown: str) -> str:
    """Textual's name of a key, as it is shown: ``Esc``, ``→``, ``?``."""
    if len(shown) > 1 or shown in _SHOWN:
        return _SHOWN.get(shown, shown.lower())
    return next(iter(Binding.make_bindings([Binding(shown, "none")]))).key
