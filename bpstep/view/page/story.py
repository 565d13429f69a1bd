"""A story as HTML: the author's Markdown, and nothing that it could smuggle in.

Markup in a story is text, a link leads where it says (never to a script), and a picture is a link: a page asks no
network for anything.  Its headings stand below those of the page.

    >>> story_html("# One\\n\\nTwo *three* <b>four</b> ![five](http://x/y.png)")
    '<h3>One</h3>\\n<p>Two <em>three</em> &lt;b&gt;four&lt;/b&gt; !<a href="http://x/y.png">five</a></p>\\n'
"""

from __future__ import annotations

from bpstep.visible import visible_lines

__all__ = ["story_html"]

#: The headings of a story begin below those of its page.
_BELOW = 2


def story_html(story: str) -> str:
    """A text in Markdown as HTML."""
    from markdown_it import MarkdownIt

    reader = (
        MarkdownIt("commonmark", {"html": False})
        .enable("table")
        .disable(["image", "html_inline", "html_block"])
    )
    tokens = reader.parse(visible_lines(story))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + _BELOW)}"
    return str(reader.renderer.render(tokens, reader.options, {}))
