"""Tests the checks of a week on programs whose verdict is known, and on mutants of the solution."""
