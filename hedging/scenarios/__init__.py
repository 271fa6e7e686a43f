"""What would happen: shocks, options and rolled futures beside the beta hedge."""
