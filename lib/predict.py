"""Runs `python -m lib.predict`; the work is done in `lib.prediction`."""

import sys

from lib import training

if __name__ == "__main__":
    from lib.prediction import main

    sys.exit(main())

# To Python this file is `lib.predict`, and so is the function: whoever imports it gets the latter.
sys.modules[__name__] = training.predict  # type: ignore
