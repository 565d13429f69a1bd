"""Panes: the pictures of a moment, each in whatever room it is given."""
