"""The dashboard: one thin script per page."""
