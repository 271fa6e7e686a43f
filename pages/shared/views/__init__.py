"""What each page loads and computes, apart from how the page arranges it: the report shows the same."""
