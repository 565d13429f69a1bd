"""The engine: functions and their derivatives, the graph, the steps, and every number of a run.

It knows NumPy, and no file, no text layout and no screen.  Start with `bpstep.engine.chainrule`, which
is the one page that everything here is about; then

    cells       the name of every number
    functions   value, derivative and text of every function, a row each
    graph       vectors of cells, operations, edges
    build       from a network or an expression to its graph
    rules       the right way to back-propagate, and the mistakes people make
    passes      one batch, computed: floats without order
    schedule    the steps of one batch: order without floats
    timeline    the steps of a whole run, as integers
    describe    from a place in the order to a `Step` with its numbers
    run         parameters over time; any step on request
"""
