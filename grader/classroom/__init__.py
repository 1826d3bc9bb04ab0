"""Grading a class: the gradebook, verdicts, marks, tables and reports."""
