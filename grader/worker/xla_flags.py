"""Sets how XLA compiles during grading, where compiling often takes longer than computing."""

from importlib.metadata import version

FLAGS = (
    "--xla_cpu_use_fusion_emitters=false --xla_backend_extra_options=xla_cpu_disable_loop_unrolling"
)


def quick_flags(flags: str = "") -> str:
    """Returns the `XLA_FLAGS` with which a training run of this course starts soonest.

    In 0.10, XLA has two ways to turn fused operations into machine code on a CPU. With the newer
    one, a training run takes half as long again to start, and then runs no faster
    (`python -m benchmarks.compiling`). Later versions have only one, and end a program that
    chooses. Unrolled loops do not speed up training either, but take LLVM longer.

    The last bit of a result may depend on these flags, so a process and those that it starts should
    have the same. XLA reads them once, at its first use.

    Args:
      flags: flags that are already set; they stay, and win where the two disagree.
    """
    known = version("jaxlib").startswith("0.10.")
    return f"{FLAGS} {flags}".strip() if known and FLAGS not in flags else flags
