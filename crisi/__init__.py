"""Crisi aziendali."""
