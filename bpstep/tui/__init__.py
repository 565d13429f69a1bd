"""The screen: the only room that knows Textual.  It draws what `bpstep.view` makes and submits commands; it
computes nothing and formats no number."""
