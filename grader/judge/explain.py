"""Explains an exception of the student's code: what it was, on which line, what to try."""

from __future__ import annotations

import re

from grader.judge.student import StudentRaised
from grader.source.submission import Submission
from grader.worker.output import printable

# (pattern on "Type: message", what to try). The first that fits is told.
ADVICE = [
    (
        r"JAX arrays are immutable|does not support item assignment",
        "JAX arrays do not change. Make a new one: x = x.at[index].set(value).",
    ),
    (
        r"TracerBoolConversionError",
        "Inside jit, grad or vmap a value is not known yet, so `if` cannot look at it: "
        "use jnp.where(condition, a, b).",
    ),
    (
        r"TracerArrayConversionError",
        "NumPy cannot look into a value that jit, grad or vmap traces: use the jnp function.",
    ),
    (
        r"TracerIntegerConversionError|ConcretizationTypeError|NonConcreteBooleanIndexError",
        "Inside jit, grad or vmap a value is not known yet, and cannot be a shape, an index, a "
        "float() or an int(). Use jnp functions on it, or mark the argument as static.",
    ),
    (
        r"UnexpectedTracerError",
        "A traced value was kept after jit had ended (in a global, a list, an attribute). "
        "Return it instead.",
    ),
    (
        r"Gradient only defined for scalar-output",
        "jax.grad needs a function that returns one number: is the mean of the losses missing?",
    ),
    (
        r"grad requires real- or complex-valued inputs",
        "jax.grad needs floats: pass 1.0 instead of 1, or convert with .astype(jnp.float32).",
    ),
    (
        r"KeyReuseError",
        "A random key may be used once. Split it: key, other = jax.random.split(key).",
    ),
    (
        r"[(\[](\d+),\), \(\1, \d+\)|\((\d+), \d+\), \(\2,\)",
        "Shapes (n,) and (n, k) met. If these are labels and logits: this function wants one-hot "
        "rows. lib.softmax_cross_entropy takes integer labels (n,).",
    ),
    (
        r"dot_general requires|Incompatible shapes|could not be broadcast|got incompatible shapes"
        r"|contracting dim|matmul",
        "Two shapes do not fit together. Print both .shape just before this line.",
    ),
    (
        r"InvalidInstanceModuleError",
        "This is the class of a model. Put () behind its name to make a model: return Net().",
    ),
    (
        r"^KeyError",
        "The dict has no such key. d.get(key, other) gives `other` then; print the dict to see "
        "its keys.",
    ),
    (
        r"TrainingDiverged.*learning rate",
        "The learning rate is too large, or the images were not normalised: try a tenth of it.",
    ),
    (
        r"ScopeParamShapeError",
        "The parameters belong to inputs of another shape: compare with the one given to init.",
    ),
    (
        r"UnidentifiedImageError|image file is truncated|broken data stream",
        "This file is no whole picture. Put opening and reading it into a try; in `except OSError` "
        "note its name, and go on with the next.",
    ),
    (
        r"ModuleNotFoundError|ImportError",
        "Only the standard library, jax, flax, optax, numpy, matplotlib, PIL and lib are there.",
    ),
    (
        r"__call__\(\) missing .*'(train|training|is_training|deterministic)'",
        "The net is given pictures and nothing else: let the argument have a default, that of a "
        "trained net in use.",
    ),
    (r"takes \d+ positional arguments?|missing \d+ required", "Count the arguments in this call."),
    (
        r"'NoneType'",
        "Something here is None. Does a function further up forget its return?",
    ),
    (r"RecursionError", "A function calls itself without end."),
    (
        r"MemoryError|RESOURCE_EXHAUSTED",
        "An array is far too large. Check the shapes on this line.",
    ),
    (r"PermissionError|Read-only file system", "Files can be written in the working folder only."),
    (
        r"socket|Network is unreachable|URLError|ConnectionError|gaierror",
        "There is no network while grading: work with the data that the function is given.",
    ),
    (r"EOF when reading a line", "Nobody is there to answer input() while grading."),
]


def first_sentence(text: str) -> str:
    """Returns the useful beginning of an exception's text: JAX adds whole pages."""
    text = re.split(r"\n\s*\n|\nSee https?:|The error occurred while tracing", text.strip())[0]
    text = re.sub(r"[:;]?\s*\(?https?://\S+", "", text)
    text = " ".join(text.split())
    return printable(text, 260)


def explain(error: StudentRaised, submission: Submission) -> tuple[list[tuple[str, str]], str]:
    """Turns an exception into the rows of a message and what to try.

    Args:
      error: what the worker said.
      submission: the file, for the line.
    """
    kind, said = printable(error.kind, 80), first_sentence(error.text)
    line = _line(error, submission)
    place = [("your line", submission.quote(line))] if line else []
    if error.forbidden:
        name = printable(error.forbidden, 80)
        return [("", f"You write this one: {name} is the answer itself."), *place], (
            "Write it with arrays and loops of your own, from what the lesson says."
        )
    if kind in ("SystemExit", "KeyboardInterrupt"):
        return [
            ("", f"Your code ended the program ({kind}) where it should return a value."),
            *place,
        ], ("Leave exit() and sys.exit() out.")
    if kind == "NotImplementedError" and line and "NotImplementedError" in submission.text(line):
        inner = printable(error.frames[-1][1], 80) if error.frames else "a function"
        return [("", f"{inner} is called here, and is still the stub."), *place], (
            f"Write {inner} first."
        )
    rows = [("your code raised", f"{kind}: {said}" if said else kind), *place]
    if len(error.frames) > 1 and line:
        outer = error.frames[0][0]
        if outer != line and 1 <= outer <= len(submission.lines):
            rows.append(("called from", submission.quote(outer)))
    advice = ""
    for pattern, text in ADVICE:
        if re.search(pattern, f"{error.kind}: {error.text}"):
            advice = text
            break
    if not advice and error.frames and error.frames[0][1] == "<module>":
        advice = (
            "This ran when the file was imported, before any task. Lines to try things out belong "
            'under `if __name__ == "__main__":`.'
        )
    return rows, advice


def _line(error: StudentRaised, submission: Submission) -> int | None:
    """Returns the student's line to look at: the innermost one, if it is in the file at all."""
    if error.line is not None:
        return error.line
    lines = [line for line, _ in error.frames if 1 <= line <= len(submission.lines)]
    return lines[-1] if lines else None
