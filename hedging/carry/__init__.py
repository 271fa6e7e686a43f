"""What a hedge costs and earns while it is held: funding, fees, basis, and whether it is worth it."""
