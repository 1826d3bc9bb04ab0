"""`python -m grader`: puts Python's own packages before the current folder's, then runs the CLI."""

import gc
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (pip refuses it, and is not always asked)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    print(
        f"{sys.executable} is Python {version}; the course needs 3.11, 3.12 or 3.13. Make its "
        "environment with one of these: python3.12 -m venv .venv",
        file=sys.stderr,
    )
    sys.exit(2)

# `python -m` puts the current folder first on the path: a numpy.py that lies there would be taken
# for NumPy. `python -P -m grader` does not even look there; use it for marks.
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
            f"environment it is installed in, or install it: python -m pip install -e {ROOT}",
            file=sys.stderr,
        )
        sys.exit(2)

    status = main()
    gc.freeze()  # else Python would look for garbage in all of JAX before it ends
    sys.exit(status)
