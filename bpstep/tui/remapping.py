"""Keys that a user gave to rows of the table of keys, held against the table: what can not be gets a line.

A row is named as in the table (`bpstep.tui.keys`); its keys are named as Textual names them, or are the character
itself: ``neuron = "j"``, ``neuron-back = "J,ctrl+j"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.binding import Binding
from textual.keys import Keys

from bpstep.scenario.problems import did_you_mean
from bpstep.tui.keys import KEYS
from bpstep.visible import quoted

__all__ = ["remapped"]

_MODIFIERS = re.compile(r"^(?:(?:ctrl|shift|alt|super|meta|hyper)\+)*")


def remapped(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The keys of rows, by the rows' names, as Textual takes them; and a line for each that can not be given."""
    rows = {row.id: row for row in KEYS}
    found: dict[str, str] = {}
    faults = []
    for name, text in given.items():
        keys = _named(text)
        if name not in rows:
            faults.append(f"keys.{name}: there is no key of this name{did_you_mean(name, rows)}")
        elif keys is None:
            faults.append(f"keys.{name}: {quoted(text)} is no key (such as j, ctrl+j, f5, left)")
        else:
            found[name] = keys
    while (clash := _clash(found)) is not None:
        name, other, key = clash
        faults.append(f"keys.{name}: {quoted(key)} is the key of {other}")
        del found[name]
    return found, faults


def _named(text: str) -> str | None:
    """Keys, with commas between them, under Textual's names; None where one of them is none."""
    names = []
    for word in [text] if text == "," else text.split(","):
        key = word.strip()
        bare = _MODIFIERS.sub("", key, count=1)
        if len(bare) != 1 and bare not in _KNOWN:
            return None
        key = "comma" if key == "," else key
        names += [binding.key for binding in Binding.make_bindings([Binding(key, "none")])]
    return ",".join(names)


_KNOWN = {key.value for key in Keys} | {f"f{n}" for n in range(1, 25)}


def _clash(found: Mapping[str, str]) -> tuple[str, str, str] | None:
    """A row that was given a key which another row has: its name, the other's, and the key."""
    owners: dict[str, str] = {}
    for row in KEYS:
        for key in (row.keys if row.id not in found else "").split(","):
            owners[key] = row.id
    for name, keys in found.items():
        for key in keys.split(","):
            other = owners.setdefault(key, name)
            if other != name:
                return name, other, key
    return None
