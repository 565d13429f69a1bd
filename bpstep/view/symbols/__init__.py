"""Symbols: cells in the letters of a book."""
