"""Which beta, by which estimator, and is it still the same one?"""
