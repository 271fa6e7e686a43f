"""How much benchmark is in the whole book, and what one hedge would do about it?"""
