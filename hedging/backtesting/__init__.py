"""Walk-forward tests of hedging strategies, triggers and their settings."""
