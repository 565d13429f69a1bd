"""Saying: answers as lines of text, for a prompt, a script, a file."""
