"""Compares results with our own computation, and explains the differences."""
