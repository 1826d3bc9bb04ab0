"""`python -m benchmarks`: the speed benchmark, and where the other measurements are."""

import sys

from benchmarks.speed import main

if __name__ == "__main__":
    sys.exit(main())
