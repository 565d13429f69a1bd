"""The screen at the moments that matter, as text, at both sizes.

The goldens were made by the program, looked at beside the target pictures, and kept; what a test adds to that
is that nothing moves unnoticed.
"""

from __future__ import annotations

import pytest

from bpstep.tui.stepper import Stepper
from tests.helpers.screens import check_golden, opened, text_of

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
MOMENTS = [
    ("mazur-2-2-2", 0, "start"),
    ("mazur-2-2-2", 2, "term"),
    ("mazur-2-2-2", 22, "local"),
    ("mazur-2-2-2", 28, "weight-gradient"),
    ("mazur-2-2-2", 34, "partial-delta"),
    ("mazur-2-2-2", 48, "update"),
    ("chain-rule", 8, "contribute"),
    ("fan-out", 12, "fan-out-partial"),
    ("article-2-3-2-1", 45, "window"),
    ("softmax", 40, "softmax"),
    ("xor", 60, "batch"),
    ("xor-direct", 6, "skip"),
    ("deep-784-128-10", 103_444, "real-size"),
    ("deep-784-128-10", 50, "real-size-forward"),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("scenario", "position", "name"), MOMENTS, ids=[f"{m[0]}-{m[2]}" for m in MOMENTS])
async def test_moment(scenario: str, position: int, name: str, size: str) -> None:
    async with opened(scenario, SIZES[size]) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        stepper.action_submit(f"goto {position}")
        await pilot.pause()
        text = text_of(pilot)
        assert len(text.split("\n")) <= SIZES[size][1]
        check_golden(f"{size}-{scenario}-{name}", text)


#: A wide and high screen has more layers, and in each more cards.
WIDE = [("article-2-3-2-1", 45, "window"), ("vanishing", 16, "far"), ("vanishing", 19, "back"),
        ("deep-784-128-10", 103_444, "real-size"), ("xor-direct", 6, "skip")]  # fmt: skip


@pytest.mark.parametrize(("scenario", "position", "name"), WIDE, ids=[f"{m[0]}-{m[2]}" for m in WIDE])
async def test_a_wide_screen(scenario: str, position: int, name: str) -> None:
    async with opened(scenario, (200, 60)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        stepper.action_submit(f"goto {position}")
        await pilot.pause()
        check_golden(f"200x60-{scenario}-{name}", text_of(pilot))


#: Forward mode: what tangents are taken by, and where to stand.
FORWARD = [("mazur-2-2-2", "w[i1->h1]", 30), ("fan-out", "x", 10), ("softmax", "w[x1->h1]", 30)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("scenario", "wrt", "position"), FORWARD, ids=[f[0] for f in FORWARD])
async def test_forward_mode(scenario: str, wrt: str, position: int, size: str) -> None:
    async with opened(scenario, SIZES[size]) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        stepper.action_submit(f"set mode = forward {wrt}")
        stepper.action_submit(f"goto {position}")
        await pilot.pause()
        check_golden(f"{size}-{scenario}-forward-mode", text_of(pilot))


@pytest.mark.parametrize("position", [2, 34, 48])
async def test_the_smallest_screen(position: int) -> None:
    async with opened("mazur-2-2-2", (60, 20)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        stepper.action_submit(f"goto {position}")
        await pilot.pause()
        check_golden(f"60x20-mazur-2-2-2-{position}", text_of(pilot))


@pytest.mark.parametrize("size", SIZES)
async def test_home(size: str) -> None:
    async with opened(None, SIZES[size]) as pilot:
        check_golden(f"{size}-home", text_of(pilot))
