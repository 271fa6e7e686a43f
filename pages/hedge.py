"""How many contracts, at what margin and cost, and is it worth it?"""
