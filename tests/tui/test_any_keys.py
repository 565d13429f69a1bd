"""Whatever is pressed, clicked and typed, at whatever size and however fast: the screen stands.  The keys are random,
and the same in every run; `python -m tests.fuzz --only keys` presses a hundred thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import keys
from tests.fuzz.case import Case
from tests.helpers.screens import opened


@pytest.mark.parametrize("number", range(3))
def test_the_screen_stands(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = Case("keys", number, 1, tmp_path)
    case.carry_out(keys.play)
    assert not case.findings, case.findings[0].details


@pytest.mark.parametrize("opens", [*":gutrloeipwk/?"])
async def test_fast_fingers(opens: str) -> None:
    """A key that opens something, and twice one that closes it, before the screen has got round to the first."""
    async with opened("xor", (80, 24)) as pilot:
        screen = pilot.app.screen
        for closes in ("enter", "escape"):
            for key in ("right", opens, closes, closes):
                keys.press(pilot.app, key)
            await keys.rest(pilot)
            keys.press(pilot.app, "escape")
            await keys.rest(pilot)
        assert pilot.app.is_running
        assert pilot.app.screen is screen
