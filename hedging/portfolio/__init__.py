"""A book of positions: its beta with the right standard error, and one hedge for all of it."""
