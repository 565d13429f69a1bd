"""Formats: how rows of text in roles look in a file.  It knows no run: whatever is drawn can be written."""
