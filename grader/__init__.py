"""The grader: student code runs in a worker process, and this side makes the verdict."""
