"""Words: what is said about a step, a cell, a rule."""
