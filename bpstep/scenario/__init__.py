"""The scenario room: what an author wrote, checked and in the engine's terms.

`loader.load` is its door, `catalogue` lists what is built in, and `arithmetic` is the one parser for formulas
and for expressions over cells.
"""
