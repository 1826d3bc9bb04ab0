"""The worked exercises. `python -m solutions week1` shows a whole week."""
