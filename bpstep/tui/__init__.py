"""The screen: the only room that knows Textual.  It draws what `bpstep.view` makes and submits commands; it
computes nothing and formats no number.

A `pane` repaints the rows that look unlike before, and a `cover` (`why`, the loss, a question) says in a message what
it wants done.
"""

import os

# Textual paints at most so often a second, and a key that comes right behind a frame waits for the next.  Nothing here
# moves by itself but what plays, twenty times a second: so that wait may be short.
os.environ.setdefault("TEXTUAL_FPS", "480")
