"""The library: bpstep for programs and notebooks.  What of it is public is written in `bpstep` itself.

    opening     a run from a name, a file, a text
    building    a run from a program's own arrays
    run         a run and whoever stands in it: numbers, arrays, steps
    step        one step, in symbols, numbers and words
    comparing   a program's numbers beside the right ones
    models      a run of a module of PyTorch, or of a graph of scalars with the program's own derivatives beside it
    checking    the gradients of any Python function, held to differences (`probing` knows the function's form)
    html        their pictures in notebooks; `widget` has the buttons

It is a face as the screen is one: whatever it answers, the rooms below have worked out.  What a caller gets wrong is a
`ValueError` of one line that says what is wrong, where, and what was expected.
"""
