"""The debugger: a cursor in a run, what stands in each cell there, and the commands that move it.

`session.Session` is its door; `commands` is the table of everything that can be done; `language` turns a line of
text into a row of that table; `readings` knows what a cell holds at a moment.  Nothing here prints.
"""
