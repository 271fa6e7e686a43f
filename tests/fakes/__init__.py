"""Stand-ins for the world outside: a server that answers like Yahoo, and a price source."""
