"""Grading a student's repository on every push: the workflow and what it prints."""
