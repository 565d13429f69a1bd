"""`help(bpstep.engine)` is an order in which the engine can be read: all of it, and nothing before what it needs."""

from __future__ import annotations

import re
from pathlib import Path

import bpstep
import bpstep.engine
from tests.helpers.house import drawn

ENGINE = "bpstep.engine."
HOUSE = {
    name: needs for name, needs in drawn(Path(bpstep.__file__).parent).items() if name.startswith(ENGINE)
}
ORDER = re.findall(r"^    ([a-z_.]+) {1,}\S", bpstep.engine.__doc__ or "", re.MULTILINE)


def test_every_module_stands_in_it_once() -> None:
    assert sorted(ENGINE + name for name in ORDER) == sorted(HOUSE)


def test_no_module_needs_one_that_stands_below_it() -> None:
    place = {ENGINE + name: k for k, name in enumerate(ORDER)}
    below = [
        (name, need)
        for name in place
        for need in HOUSE[name]
        if need in place and place[need] > place[name] and not name.startswith(need)
    ]
    assert below == []
