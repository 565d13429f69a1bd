"""Drawing: a canvas of characters, and how strokes, numbers, curves and fractions are set on it.

Nothing here knows what a run is.
"""
