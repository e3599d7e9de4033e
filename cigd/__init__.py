"""CIGD."""
