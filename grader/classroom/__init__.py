"""A whole class: who handed in what, the verdicts, the marks, the tables."""
