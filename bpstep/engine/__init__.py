"""The engine: functions and their derivatives, the graph, the steps, and every number of a run.

It knows NumPy, and no file, no text layout and no screen.  Start with `bpstep.engine.chainrule`, which
is the one page that everything here is about; then

    cells       the name of every number
    functions   value, derivative and text of every function, a row each
    vectors     rows of cells that are computed together
    edge        what an edge answers, whatever its sort
    graph       what an operation answers; operations and edges together
    edges       the sorts of edges: index arithmetic, a local derivative, its words
    operations  the sorts of operations: what is computed, in which steps
    arrays      which cells meet in an operation over arrays; its sorts are in `array_edges`, `array_factors`,
                `array_operations`
    wording     how functions and their slopes read, whatever the sort
    build       from a network or an expression to its graph; `array_build` has a row a function over arrays
    rules       the right way to back-propagate, and the mistakes people make; `rule` is what they are made of
    tangents    the same edges, walked forward
    setup       what decides which steps there are: problem, training, rule, mode
    passes      one batch, computed: floats without order
    schedule    the steps of one batch: order without floats; `ordering` lays it
    timeline    the steps of a whole run, as integers
    describe    from a place in the order to a `Step` with its numbers
    kept        what was done of a batch before an edit; `done` where nothing was
    batches     which structure, samples and values each batch of a run has
    run         parameters over time; any step on request

To add a function, a cost, an optimizer or a rule, add a row to its table.  To add a sort of edge, add a class to
`edges` (and one to `operations`, if none has it yet), and let `build` make it; of a function over arrays the same in
`array_edges`, `array_operations` and `array_build`: nobody else asks for sorts.
"""
