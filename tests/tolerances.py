"""How close two numbers must be, and why: every tolerance of the tests has its name here."""

from __future__ import annotations

# The same formula in another order of operations: a few hundred roundings of 1e-16 each.
SAME_FORMULA = 1e-12

# "Unchanged" by later data. Not 0, because sums may round differently by where an array lies in
# memory; a leak of a later return would show at 1e-3 and above.
UNCHANGED = 1e-12

# Against statsmodels, which solves the normal equations by pseudo-inverse of the uncentred design.
# Measured differences are below 2e-13; 1e-10 leaves room for another BLAS.
STATSMODELS = 1e-10

# RollingOLS of statsmodels updates its cross products from one window to the next, so that its own
# error grows along the series; ours does not.
STATSMODELS_ROLLING = 1e-8

# Where the exact answer is 0 and what is left is the rounding of numbers of order 1.
ROUNDING_NOISE = 1e-12

# What a bad price of 1e6 may leave behind in a window that does not hold it.
AFTER_BAD_TICK = 1e-9

# Numbers printed with 3, 4 or 6 decimals in the source: half a unit of the last place, and as much
# again where the source itself rounded an intermediate.
PRINTED_1 = 0.05
PRINTED_3 = 0.0005
PRINTED_4 = 0.00005
PRINTED_6 = 0.0000005
PRINTED_9 = 0.0000000005

# One cent, for money amounts worked by hand.
CENT = 0.005

# Shares of 1,000 (or 400) simulated intervals that hold the truth: 0.95 plus or minus three standard
# errors of the simulation. Variance ratios get one more percentage point below, because their
# interval rests on a normal limit that 250 observations have not quite reached.
COVERAGE_REGRESSION = (0.93, 0.97)
COVERAGE_EFFECTIVENESS = (0.90, 0.98)

# A simulated beta may miss the true one by this many of its own standard errors (one miss in 16,000).
STANDARD_ERRORS = 4.0

# Methods that iterate (Huber, Kalman's likelihood) stop when they no longer move by about 1e-9 of the
# size of returns; scaled inputs stop one step earlier or later.
FITTED_BY_ITERATION = 1e-5

# 300 samples: 0.95 plus or minus three standard errors of the simulation (0.0126 each).
COVERAGE_METHODS = (0.912, 0.985)

# A likelihood is flat at its top: variances are found to the root of its own precision.
FITTED_BY_LIKELIHOOD = 1e-3

# The filter starts exactly diffuse, the recursion by hand from a variance of 1e6.
AFTER_DIFFUSE_START = 1e-5

# 120 histories: 0.95 plus or minus three standard errors (0.02 each), up to 1.
COVERAGE_FILTER = (0.89, 1.0)

# Equity at a liquidation price against the margin owed there, as a share of the notional: the price
# carries a rounding of 1e-16, which leverage and the difference of two notionals multiply.
EQUITY_AT_LIQUIDATION = 1e-9

# Hansen printed quantiles that he simulated; against the exact ones they are off by up to 0.013.
HANSEN_TABLE = 0.015

# Numerical inversion of a Laplace transform in double precision.
LAPLACE_INVERSION = 1e-8

# Andrews' 5 % value of 2 F (11.72) is a limit: the 95 % quantile of 999 samples of 400 observations has
# a standard error of 0.4, and a finite sample lies a little higher.
ANDREWS = 1.2

# Running sums of up to 400 products against fits of each side on its own.
RUNNING_SUMS = 1e-8

# 200 samples without a break at a nominal 5 %: plus three standard errors of the simulation (0.0154
# each), and never to reject would be no test either.
FALSE_BREAKS = (0.005, 0.097)

# 60 samples in which nothing happened, at a nominal 5 %: plus three standard errors (0.028 each).
FALSE_ALARMS_OF_60 = 0.135

# 100 histories at a nominal 90 %: plus or minus three standard errors (0.03 each). The bootstrap of a
# tail is known to be a little narrow.
COVERAGE_WORTH = (0.81, 0.99)
