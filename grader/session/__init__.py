"""One submission of one week: from its text to its verdicts."""
