"""Reads of the reports that no page makes: pure, and returned as frozen dataclasses."""
