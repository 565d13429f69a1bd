"""The debugger: a cursor in a run, what stands in each cell there, and the commands that move it.

From the bottom up: a `moment` is a run at a position, and what answers a question about it (`why`, `paths`, `by_hand`,
`expressions`, `notes`) takes no more; where a run halts (`positions`, `series`, `stops`, `destinations`) takes the run.
A `session` is a run and who stands in it, a `desk` what lies beside it while commands are carried out, and a `console`
reads lines of text with the table of `commands`.  Nothing here prints.
"""
