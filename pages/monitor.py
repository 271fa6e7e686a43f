"""Is the hedge that was entered still the right one?"""
