"""`python -m grader`: puts Python's packages before the current folder's, then runs the CLI."""

import gc
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (pip refuses it, and is not always asked)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    print(
        f"{sys.executable} is Python {version}; the course needs 3.11, 3.12 or 3.13. Create its "
        "environment with one of these: python3.12 -m venv .venv",
        file=sys.stderr,
    )
    sys.exit(2)

# `python -m` puts the current folder first on the path, so Python would take a numpy.py in it for
# NumPy. `python -P -m grader` does not even look there; use it for marks.
if not sys.flags.safe_path and sys.path:
    del sys.path[0]

from grader.bootstrap import OWN, ROOT, install

install()

if __name__ == "__main__":
    try:
        from grader.cli.main import main
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in OWN:
            raise
        print(
            f"{sys.executable} has no {missing.name}, which the course needs. Activate the "
            f"course's environment, or install it: python -m pip install -e {ROOT}",
            file=sys.stderr,
        )
        sys.exit(2)

    status = main()
    gc.freeze()  # or Python would search all of JAX for garbage before it exits
    sys.exit(status)
