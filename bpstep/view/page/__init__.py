"""A session as one page: every step of it in one HTML file, which needs no network and no server.

The page is text (`transcript`: every step with its formula, its numbers and its words, each under a link of its own),
data (`collected`: what the panes of the screen show at every step, each row stored once), a style sheet and a script
(``page.css``, ``page.js``) that shows the data of the step one looks at.  `whole` puts them together.  Without the
script the text is still all there.
"""
