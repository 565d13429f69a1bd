"""Progress files, handed in: as they are, with their verdicts forged, and mangled.

What `grade` says of an honest file must be what was said when it was answered.  Over a forged one it must say the
same: nothing in a file counts but the answers themselves.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from tests.fuzz.case import FALSE, Case
from tests.fuzz.mangling import NASTY_NUMBERS, mangled
from tests.fuzz.program import run

__all__ = ["hand_in"]

_RIGHT = ("correct", "carried-forward")
_VALUES = (
    None, True, -1, 0, 10**30, 1e308, "", "x", [], {}, [[]], "9" * 30, "\x1b[31m", "\u202e", float("nan"),
)  # fmt: skip


def hand_in(case: Case, progress: Path, folder: Path) -> None:
    """The file itself, a forged one and a mangled one."""
    text, chance = progress.read_text(encoding="utf-8"), case.chance
    honest = _graded(case, text, folder)
    if honest is None:
        case.found(FALSE, "an honest file is refused", text)
        return
    for row in honest:
        if row["verdict"] != row["recorded"]:
            case.found(
                FALSE, f"graded anew, {row['recorded']} is {str(row['verdict'])[:30]}", f"{row}\n{text}"
            )
    forged = _graded(case, _forged(text, chance), folder)
    for before, after in zip(honest, forged or [], strict=False):
        if after["verdict"] in _RIGHT and before["verdict"] not in _RIGHT:
            case.found(FALSE, "a forged verdict is believed", f"{before}\n{after}\n{text}")
    mangled_text = _mangled(text, chance)
    _graded(case, mangled_text, folder)
    _take_in(case, mangled_text, folder)


def _graded(case: Case, text: str, folder: Path) -> list[dict[str, Any]] | None:
    """The rows that `grade` makes of a file; None where it refuses it."""
    path = case.folder / "handed-in.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    arguments = ["grade", str(path), "--path", str(folder)]
    run(case, [*arguments, *case.chance.choice(([], ["--csv"], ["--totals"]))])
    code, text = run(case, [*arguments, "--json"])
    if code not in (0, 1):
        return None
    rows: list[dict[str, Any]] = json.loads(text)["rows"]
    return rows


def _take_in(case: Case, text: str, folder: Path) -> None:
    """The mangled file as somebody's own progress: shown, exported, and imported beside what is there."""
    path = case.folder / "other.json"
    state = Path(os.environ["BPSTEP_STATE"])
    state.mkdir(exist_ok=True)
    for where in (path, state / "progress.json"):
        where.write_bytes(text.encode("utf-8", "surrogatepass"))
    for words in (["progress"], ["progress", "import", str(path)], ["progress", "export", f"{path}.out"]):
        run(case, [*words, "--path", str(folder)])


def _forged(text: str, chance: random.Random) -> str:
    """Every wrong answer called right."""
    document = json.loads(text)
    for entry in document["exercises"].values():
        for item in entry.get("items", {}).values():
            item["state"] = "solved"
            for event in item.get("events", []):
                if event["what"] == "answer":
                    event["verdict"] = chance.choice(_RIGHT)
                    event["diagnoses"] = []
    return json.dumps(document)


def _mangled(text: str, chance: random.Random) -> str:
    """A value of any sort somewhere, or characters changed."""
    if chance.random() < 0.3:
        return mangled(text, chance, values=False)
    document = json.loads(text)
    holders: list[Any] = [document]
    for holder in holders:
        inner = holder.values() if isinstance(holder, dict) else holder
        holders += [value for value in inner if isinstance(value, dict | list)]
    for _ in range(chance.randint(1, 3)):
        holder = chance.choice([one for one in holders if one])
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        holder[key] = chance.choice(_VALUES)
    return json.dumps(document).replace("NaN", chance.choice(NASTY_NUMBERS[:10]))
