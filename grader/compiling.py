"""How XLA compiles in a grading, where compiling takes longer than much of what is computed."""

from importlib.metadata import version

FLAG = "--xla_cpu_use_fusion_emitters=false"


def quick_flags(flags: str = "") -> str:
    """Returns the `XLA_FLAGS` with which a training of this course is ready to run soonest.

    In 0.10, XLA has two ways to turn fused operations into machine code on a CPU. With the newer a
    training takes half as long again until it begins, and is no faster from then on
    (`python -m benchmarks.compiling`). Later versions know but one, and end a program that chooses.

    Args:
      flags: what is set already; it is kept.
    """
    known = version("jaxlib").startswith("0.10.")
    return f"{flags} {FLAG}".strip() if known and FLAG not in flags else flags
