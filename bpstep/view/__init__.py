"""The view: what a session looks like, as text and roles; no engine arithmetic, no Textual.

Its rooms, each of which knows those before it: `drawing` (a canvas, numbers, curves; it knows no run), `formats` (what
was drawn as SVG, HTML, LaTeX, a recording), `symbols` (cells in the letters of a book), `scene` (what is shown at one
moment), `words`, `panes` (pictures), `page` (a session as one page), `say` (lines).  A `frame` of the scene is what is
shown at one moment: a key makes one, and all panes draw from it.
"""
