"""The stubs to fill in, with the lessons beside them."""
