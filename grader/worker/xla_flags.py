"""How XLA compiles in a grading, where compiling takes longer than much of what is computed."""

from importlib.metadata import version

FLAGS = (
    "--xla_cpu_use_fusion_emitters=false --xla_backend_extra_options=xla_cpu_disable_loop_unrolling"
)


def quick_flags(flags: str = "") -> str:
    """Returns the `XLA_FLAGS` with which a training of this course is ready to run soonest.

    In 0.10, XLA has two ways to turn fused operations into machine code on a CPU. With the newer a
    training takes half as long again until it begins, and is no faster from then on
    (`python -m benchmarks.compiling`). Later versions know but one, and end a program that chooses.
    Nor is a training faster with its loops unrolled, which takes LLVM longer.

    The last bit of a result may depend on these flags, so a process and those that it starts should
    have the same; XLA reads them once, when it is first used.

    Args:
      flags: what is set already; it is kept, and wins where the two disagree.
    """
    known = version("jaxlib").startswith("0.10.")
    return f"{FLAGS} {flags}".strip() if known and FLAGS not in flags else flags
