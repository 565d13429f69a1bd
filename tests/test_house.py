"""The house has no circle: no module leads back to itself over the modules that it imports.

Imports inside functions and for types count like all others: whoever reads a module has to know what it names.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import bpstep
from tests.helpers.house import circles, drawn, rooms

HOUSE = drawn(Path(bpstep.__file__).parent)


def test_no_module_leads_back_to_itself() -> None:
    assert circles(HOUSE) == []


def test_no_room_leads_back_to_itself() -> None:
    assert circles(rooms(HOUSE)) == []


@pytest.mark.parametrize(
    "planted",
    [
        "from house.upper import Upper",
        "def f():\n    from house.upper import Upper",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house import upper",
        "import house.upper",
        "from house.room.shelf import book",
    ],
)
def test_a_circle_is_found_wherever_its_import_stands(planted: str, tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "room").mkdir(parents=True)
    (house / "__init__.py").write_text("")
    (house / "lower.py").write_text("import math\n")
    (house / "upper.py").write_text("from house.lower import Lower\n")
    (house / "room" / "__init__.py").write_text("from house.upper import Upper\n")
    (house / "room" / "shelf.py").write_text("book = 1\n")
    assert circles(drawn(house)) == []
    (house / "lower.py").write_text(f"{planted}\n")
    assert [group for group in circles(drawn(house)) if "house.lower" in group]
