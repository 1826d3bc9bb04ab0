"""`python -m benchmarks` runs the speed benchmark; `python -m benchmarks NAME` runs another."""

import importlib
import sys

OTHERS = (
    *("accuracy", "augmentation", "classroom", "compiling", "convolution", "course"),
    *("folders", "latency", "memory", "repeat", "report_picture", "targets", "throughput"),
    "watch_picture",
)

if __name__ == "__main__":
    name, arguments = "speed", sys.argv[1:]
    if arguments and arguments[0] in OTHERS:
        name, *arguments = arguments
    sys.exit(importlib.import_module(f"benchmarks.{name}").main(arguments))
