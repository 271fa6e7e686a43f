"""A hedge that was entered, held against today's data."""
