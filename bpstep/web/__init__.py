"""bpstep in a browser, for a room in which nothing can be installed: `bpstep serve`.

    a browser ── web socket ── server ── pipe ── a visitor's program

`server` gives the page away and lets so many visitors in; `room` starts a program of its own for each of them and ends
it; `visit` is that program: the screen as it is on a terminal, with nothing of the machine within reach; `wall` sees to
the last of these, whatever the screen may be told to do.  The terminal in the page is textual-serve's, and comes from
here like the rest: the page asks nobody else for anything.
"""
