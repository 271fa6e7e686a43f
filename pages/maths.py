"""Are the numbers right? Outside sources, recomputed here."""
