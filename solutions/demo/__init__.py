"""Whole weeks as demonstrations: what `python -m solutions week1` and its sisters run."""
