"""The view: what a session looks like, as text and roles; no engine arithmetic, no Textual."""
