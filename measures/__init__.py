"""Misure."""
