"""Programma."""
