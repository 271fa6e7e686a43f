"""Everything on screen as one file for those who were not there."""
