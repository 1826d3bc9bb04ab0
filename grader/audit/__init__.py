"""What the checks of a week see: solutions, stubs, wrong answers and mutants, judged by them."""
