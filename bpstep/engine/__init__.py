"""The engine: functions and their derivatives, the graph, the steps, and every number of a run.

It knows NumPy, and no file, no text layout and no screen.  `bpstep.engine.chainrule` is the one page that everything
here is about: read it first.  Then from the top: no module needs one that stands below it.

What a number is called, and what a step says:

    cells             the name of every number
    specs             what the engine is asked to run, as records: its door
    elementary        what NumPy has no function for
    functions         value, derivative and text of every function, a row each
    costs             the same of every cost
    optimizers        what becomes of a gradient, a row an optimizer
    calculator        what comes out when numbers are put into the text of a step
    steps             what one step is, for whoever looks at it
    vectors           rows of cells that are computed together
    sums              added up in the order of the steps
    softmax           the one activation that looks at its whole layer
    activations       what a layer may name
    wording           how functions and their slopes read

Who is computed from whom:

    edge              what an edge answers, whatever its sort: who uses whom, with what local derivative
    arrays            which cells meet in an operation over arrays: index arithmetic
    operation         what an operation answers, whatever its sort: what it computes, in which steps
    graph             operations and edges together
    incidence         who uses whom, where it is regular
    edges             the sorts of edges through functions
    factors           the sorts of edges through sums
    operations        the sorts of operations
    array_pairs       who uses whom there, pair by pair
    array_edges       as `edges`, over arrays
    array_factors     as `factors`, over arrays
    array_sums        the operations that add up terms, over arrays
    array_operations  as `operations`, over arrays
    array_build       from a function over arrays to its operation and its edges, a row a function
    build             from a network or an expression to its graph

The chain rule:

    rule              the three things that can be got wrong: upstream, local, sum
    rules             the right way to back-propagate, and the mistakes people make, a row each
    arrivals          what arrives at a vector: upstream times local, in the order of the steps
    tangents          the same edges, walked forward
    done              what was done before an edit stays: here, nothing was
    chainrule         d(B) = sum of d(A) * dA/dB
    ways              the ways from a cell to the root, counted
    work              how many multiplications: by hand, in forward mode, in reverse mode
    growth            how that grows with depth and width

One batch, computed: floats without order:

    setup             what decides which steps there are: problem, training, rule, mode
    dependence        which cells would be another number if this one were
    update            what becomes of parameters and states
    passes            forward, and backward
    straight          the same, recorded as straight-line code for small networks

One batch in order: integers without floats:

    blocks            steps as tables
    schedule          the steps of a batch, and which of them write a cell
    ordering          in which order they stand
    timeline          the steps of a whole run
    index             from the name of a cell to the place where its number is kept

From a place in the order to a `Step` with its numbers:

    describe.partial  sums seen growing
    describe.here     where a description starts
    describe.forward  the steps of the forward pass
    describe.backward the steps of the backward pass
    describe.update   the steps of the update
    describe.tangent  the steps of forward mode
    describe          all of them, by phase and op
    pieces            what a run of steps writes, all at once
    sections          some steps of a section

A run:

    edits             what somebody changed by hand, and when
    history           parameters at the start of batches
    kept              what was done of a batch before an edit
    batches           which structure, samples and values each batch has
    by_code           many batches of a small network, by straight-line code
    run               parameters over time; any step on request
    progress          how far long work is
    veil              a run that is known only so far
    differences       derivatives of what is known only by its values
    check             is this gradient right?
    compare           two rules side by side

The oracle of the tests, which shares nothing with all this but the rows of the tables:

    reference         the textbook loop
    reference_arrays  the same over arrays

To add a function, a cost, an optimizer or a rule, add a row to its table.  To add a sort of edge, write its class, and
that of the operation that has it, beside those that there are or in a module of their own, and let `build` make it, or
a row of `array_build`: nobody else asks for sorts.
"""
