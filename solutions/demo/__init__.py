"""Complete weeks as demonstrations, which `python -m solutions week1` and so on run."""
