"""The picture in the README is a picture of the real screen.

`python tests/tui/test_pictures.py` makes it anew.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened, text_of

PICTURE = Path(__file__).parent / "pictures" / "step.svg"


async def picture() -> tuple[str, str]:
    """The key moment of the Mazur example, as SVG and as text."""
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        stepper.action_submit("goto 34")
        await pilot.pause()
        pilot.app.title = "bpstep"
        return pilot.app.export_screenshot(title="bpstep"), text_of(pilot)


def words(svg: str) -> set[str]:
    return {
        word
        for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)
        for word in text.replace("&#160;", " ").split()
    }


async def test_the_picture_shows_what_the_screen_shows() -> None:
    svg, text = await picture()
    stored = PICTURE.read_text(encoding="utf-8")
    assert words(stored) == words(svg)
    assert "1 of 2 arrived" in text


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(picture())[0], encoding="utf-8")
