"""Comparing what came back with our own computation, and saying it helpfully."""
