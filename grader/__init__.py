"""The grader: student code runs in a worker process, the verdict is made here."""
