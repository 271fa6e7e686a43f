"""How beta is estimated: one interface, one result type, the method is a setting."""
