"""Worksheets: a pass on paper, with blanks, in as many variants as there are students, and a key that names mistakes.

Every number is the engine's.  A sheet shows what nobody has to work out, leaves a gap for each cell that is asked for,
and shows nothing that is computed from one, for that would give the answer away.  The key has the right value of every
gap with its worked step, and beside it what the well-known mistakes give instead.

`patterns` (which cells are asked for) · `numbers` (the numbers of a variant, and how readable they are) · `worked` (a
step on paper) · `mistakes` (what wrong rules and slips give) · `tables` and `picture` (what is shown) · `parts` (one
set of numbers with its gaps) · `sheets` (who gets what) · `blocks`, `documents` (what stands where) · `writer`,
`markdown`, `html`, `latex` (how it is written).
"""
