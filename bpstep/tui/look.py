"""How roles look on this terminal: worked out once, so that a row is made of styles that are there already."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Row
from bpstep.view.drawing.glyphs import GLYPH_SETS, GlyphSet
from bpstep.view.drawing.roles import PALETTES, Theme, on_background

__all__ = ["Look", "css_colours", "look_of"]


@dataclass(frozen=True, eq=False)
class Look:
    """The characters to draw with, and the style of each role on the screen's background; "" is that background."""

    glyphs: GlyphSet
    styles: Mapping[str, Style]

    def strip(self, row: Row, cells: int, width: int) -> Strip:
        """A row of so many cells as Textual has it, in a pane of a width: every character of a canvas has one cell."""
        base = self.styles[""]
        segments = [Segment(text, self.styles.get(role, base)) for text, role in row]
        strip = Strip(segments, cells)
        return strip if cells == width else strip.adjust_cell_length(width, base)


#: What the style sheet calls colours of the palettes.
_COLOURS = {"paper": "background", "ink": "text", "strong": "strong", "dim": "dim", "field": "cursor-paper"}


def css_colours(theme: str) -> dict[str, str]:
    """The variables of the style sheet; ``veil`` lies over what a page covers, where colours can be mixed."""
    palette = PALETTES.get(theme, {})
    found = {name: palette.get(ink, "default") for name, ink in _COLOURS.items()}
    veil = "transparent" if found["paper"] == "default" else f"{found['paper']} 60%"
    plain = {name: "ansi_default" if value == "default" else f"ansi_{value}" if theme == "ansi" else value
             for name, value in found.items()}  # fmt: skip
    return {f"bp-{name}": value for name, value in {**plain, "veil": veil}.items()}


@lru_cache(maxsize=16)
def look_of(theme: Theme, glyphs: str, filters: tuple[LineFilter, ...], background: Color) -> Look:
    """The look of a theme with a glyph set, by their names, as Textual's filters leave it: to filter a style once
    is to filter every row that has it."""
    styles = on_background(theme)
    for one in filters:
        changed = one.apply([Segment(" ", style) for style in styles.values()], background)
        styles = dict(zip(styles, (segment.style or Style.null() for segment in changed), strict=True))
    return Look(GLYPH_SETS[glyphs], styles)
