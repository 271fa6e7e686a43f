"""Whether beta holds still: tests for breaks and drift, and whether asset and benchmark decoupled."""
