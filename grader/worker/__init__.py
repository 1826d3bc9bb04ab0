"""Workers: the processes that run student code, and what watches them."""
