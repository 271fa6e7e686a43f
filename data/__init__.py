"""Where prices come from: the only package that touches network, files or the clock."""
