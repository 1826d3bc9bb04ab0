"""`python -m lib predict MODEL PICTURE …`: what a saved model makes of pictures.

The model is a file of `lib.save_model`. Pictures may be of any size and mode; they are decoded in
the same way as the pictures of a folder that a model is trained on (`lib.data.files.decoding`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

_BAR = 24  # characters of a probability of 1
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float) -> str:
    """Draws a number from 0 to 1 as a bar, in eighths of a character."""
    eighths = round(share * _BAR * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def table(probabilities: Any, class_names: Sequence[str], top: int) -> str:
    """Writes probabilities as a table with bars, the highest first.

    Args:
      probabilities: (classes,), each in 0…1.
      class_names: a name per class.
      top: how many classes to show.

    Returns:
      A line per class.
    """
    probabilities = np.asarray(probabilities)
    shown = np.argsort(-probabilities, kind="stable")[:top]
    width = max(len(class_names[k]) for k in shown)
    return "\n".join(
        f"  {class_names[k]:{width}}  {probabilities[k]:7.2%}  {bar(probabilities[k])}".rstrip()
        for k in shown
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Predicts pictures and prints a table for each.

    Args:
      arguments: the command line without the program's name, `predict` first; None takes this
        process's.

    Returns:
      0; 1 if a picture could not be read; 2 if the model could not.
    """
    commands = argparse.ArgumentParser(
        prog="python -m lib", description="Uses what the course's library has trained."
    )
    about = "says what a saved model makes of pictures: a probability for each class"
    parser = commands.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "predict",
        help=about,
        description=f"{about.capitalize()}.",
        epilog="Save a model with lib.save_model(path, model, params, class_names, input_shape). "
        "Exit status: 0 done; 1 a picture could not be read; 2 wrong usage or no usable model.",
    )
    parser.add_argument("model", metavar="MODEL", help="a file that lib.save_model has written")
    parser.add_argument(
        "pictures",
        metavar="PICTURE",
        nargs="+",
        help="a picture of any size and mode: PNG, JPEG, GIF, WebP …",
    )
    parser.add_argument(
        "--top", metavar="N", type=int, default=5, help="classes to show (default: %(default)s)"
    )
    options = commands.parse_args(arguments)
    if options.top < 1:
        parser.error("--top is 1 or more.")
    import lib
    from lib.data.files import decoding
    from lib.data.files.folders import printable

    try:
        kept = lib.load_model(options.model)
    except lib.CheckpointError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.model} cannot be opened: {error.strerror}.", file=sys.stderr)
        return 2
    height, width, channels = kept.input_shape
    if channels not in (1, 3):
        print(
            f"{options.model} takes pictures of {channels} channels, not 1 or 3.", file=sys.stderr
        )
        return 2
    names, pictures, status = [], [], 0
    for path in options.pictures:
        try:
            mode = "grey" if channels == 1 else "rgb"
            pictures.append(decoding.read_picture(path, height, width, mode))
            names.append(path)
        except decoding.Unreadable as error:
            print(f"{path} cannot be used: {error}.", file=sys.stderr)
            status = 1
    if pictures:
        probabilities = _probabilities(kept, np.stack(pictures))
        for name, row in zip(names, probabilities, strict=True):
            shown = [printable(each) for each in kept.class_names]
            print(f"{printable(name)}: {shown[int(row.argmax())]}")
            print(table(row, shown, options.top))
    return status


def _probabilities(kept: Any, images: np.ndarray) -> np.ndarray:
    import jax
    import optax

    import lib

    state = lib.create_state(
        kept.model, optax.identity(), images, jax.random.key(0), variables={"params": kept.params}
    )
    return lib.probabilities(lib.predict(state, images))


if __name__ == "__main__":
    sys.exit(main())
