"""The state of the dashboard as one file for people who were not there."""
