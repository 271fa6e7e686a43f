"""What hedges: contracts, the order in them, the margin they ask and how they rank."""
