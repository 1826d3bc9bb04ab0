"""Everything that a worker sees besides `lib`; the grader trusts none of it."""
