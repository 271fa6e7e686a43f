"""Components that run in the browser, each a Python module with its .js and .css beside it."""
