"""How large the graded trainings are and what they must reach, for each source of images.

An embedded target lies at least five standard deviations and 0.02 below the mean of what the
solution reaches, and at least five above what an untrained network or the largest class reaches,
over ten seeds; the convolutional network's lies above the dense network's too. The largest gap lies
four standard deviations and 0.02 above the solution's, and below that of the same network without
augmentation and dropout. A command measures
these distances anew: `python -m benchmarks targets`. Targets on the real sets are the course's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One graded training on one kind of images.

    Attributes:
      week: "week2" …
      task: the task's name.
      data: the set's name in `lib.load`.
      images: "embedded" or "real".
      train: how many training images the student's function gets.
      test: how many images, never seen before, its parameters are judged with; 0 where a set has
        none: it is judged with the images it has learned from.
      epochs: how often the solution goes through the training images, at most.
      accuracy: what must be reached on the test images.
      edge: height and width of the images in pixels.
      gap: by how much the accuracy on the training images, as they are, may exceed that on the test
        images; None where that is not judged.
    """

    week: str
    task: str
    data: str
    images: str
    train: int
    test: int
    epochs: int
    accuracy: float
    edge: int = 28
    gap: float | None = None


TARGETS = (
    Target("week2", "train_mnist", "mnist", "embedded", 10_000, 2_000, 10, 0.94),
    Target("week2", "train_mnist", "mnist", "real", 30_000, 10_000, 10, 0.96),
    Target("week3", "train_cnn", "fashion_mnist", "embedded", 6_000, 2_000, 3, 0.89),
    Target("week3", "train_cnn", "fashion_mnist", "real", 30_000, 10_000, 3, 0.87),
    Target("week4", "train_happy_or_sad", "happy_or_sad", "embedded", 240, 600, 40, 0.75, 60),
    Target("week4", "train_happy_or_sad", "happy_or_sad", "real", 80, 0, 40, 0.95, 75),
    # Of 48 pixels the poolings would drop two, worked out in vain.
    Target("week6", "train_augmented", "cats_and_dogs", "embedded", 400, 2_000, 88, 0.84, 46, 0.14),
    Target("week6", "train_augmented", "cats_and_dogs", "real", 2_000, 1_000, 88, 0.7, 46, 0.24),
    Target("week7", "train_transfer", "cats_and_dogs", "embedded", 100, 2_000, 20, 0.65, 40),
    Target("week7", "train_transfer", "cats_and_dogs", "real", 1_000, 1_000, 20, 0.62, 40),
    Target("week8", "train_letters", "sign_language_mnist", "embedded", 4_000, 2_000, 6, 0.86),
    Target("week8", "train_letters", "sign_language_mnist", "real", 5_000, 1_400, 6, 0.8),
    Target("project", "flowers", "flowers", "embedded", 300, 2_000, 80, 0.66, 48),
    Target("project", "flowers", "flowers", "real", 600, 700, 80, 0.5, 48),
    Target("project", "flowers_baseline", "flowers", "embedded", 300, 2_000, 20, 0.35, 48),
    Target("project", "flowers_baseline", "flowers", "real", 600, 700, 20, 0.35, 48),
)


def target(task: str, source: str) -> Target:
    """Returns the target of a task.

    Args:
      task: the task's name.
      source: where the run's images come from: "embedded", "tfds" or a folder; the latter two are
        the real sets.

    Raises:
      KeyError: if the task trains nothing.
    """
    images = "embedded" if source == "embedded" else "real"
    for each in TARGETS:
        if (each.task, each.images) == (task, images):
            return each
    raise KeyError(f"{task} has no target for {images} images")
