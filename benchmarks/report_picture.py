"""Makes the guide's picture of a class page: grades made-up students and photographs their page.

    python -m benchmarks.report_picture

This takes some minutes and needs the `dev` extra and Chromium (apt-get install chromium) or Chrome.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.submissions import with_bodies
from grader.course import COURSE
from grader.rubric import read_rubric

PICTURE = COURSE.root / "docs" / "pictures" / "report.png"
WEEKS = ("week1", "week2", "week3")
STUDENTS = (
    *("Amara", "Björn", "Chidi", "Dilnoza", "Emeka", "Fatima", "Giulia", "Hiroshi", "Ines"),
    *("Jonas", "Kavya", "Léa", "Marek", "Nadia", "Oluwaseun", "Priya"),
)
STUB = "raise NotImplementedError('Write it.')"
# What people write, by function. Functions that are missing here get a stub.
MISTAKES = {
    "two_draws": "return jax.random.normal(key, (n,)), jax.random.normal(key, (n,))",
    "mean_squared_error": "return jnp.mean(jnp.abs(predictions - targets))",
    "gradient_step": "error = weight * x + bias - y\n"
    "weight = weight - learning_rate * jnp.mean(error * x)\n"
    "return weight, bias - learning_rate * jnp.mean(error)",
    "judge_learning_rate": "return 'good'",
    "normalise": "return images / 256",
    "cross_entropy": "return -jnp.sum(jax.nn.log_softmax(logits)[jnp.arange(len(labels)), labels])",
    "dense_model": "return nn.Sequential([lib.Flatten(), lib.Dense(512), lib.Dense(10)])",
    "convolve2d": "rows, columns = (i - k for i, k in zip(image.shape, kernel.shape))\n"
    "return jnp.array([[jnp.sum(image[r:r + kernel.shape[0], c:c + kernel.shape[1]] * kernel)\n"
    "                   for c in range(columns)] for r in range(rows)])",
    "max_pool2d": "return image[::size, ::size]",
    "conv_output_size": "return (n - kernel) / stride + 1",
    "conv_params": "return kernel * kernel * in_channels * out_channels",
    "activation_to_image": "return np.asarray(activation * 255, np.uint8)",
}


def hand_in(folder: Path) -> None:
    """Writes the submissions: each student has a level of skill, and some leave out a week."""
    dice = random.Random(7)
    for student in STUDENTS:
        skill = dice.uniform(0.45, 1.0)
        for week in WEEKS:
            if dice.random() < 0.06:
                continue
            bodies = {}
            for task in read_rubric(COURSE.checks / f"{week}.py"):
                wrong = dice.random() > skill
                for name in task.functions if wrong else ():
                    bodies[name] = MISTAKES.get(name, STUB) if dice.random() < 0.8 else STUB
            home = folder / student
            home.mkdir(parents=True, exist_ok=True)
            (home / f"{week}.py").write_text(with_bodies(week, bodies), encoding="utf-8")


def photograph(page: Path, picture: Path) -> None:
    """Photographs a report beside the same report on a phone, with a student's page open.

    Args:
      page: report.html.
      picture: a PNG to write, 1600 × 860 pixels.
    """
    from PIL import Image
    from playwright.sync_api import sync_playwright

    sizes = {"screen": (1180, 860), "phone": (390, 860)}
    found = shutil.which("chromium") or shutil.which("google-chrome")
    whole = Image.new("RGB", (1600, 860), "#8a93a0")
    with sync_playwright() as play, tempfile.TemporaryDirectory() as work:
        # Chromium's own sandbox does not start for root, and this page is safe.
        root = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = play.chromium.launch(executable_path=found, args=root)
        left = 0
        for name, (width, height) in sizes.items():
            view = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if name == "phone" else "light",
            )
            view.goto(page.as_uri())
            if name == "phone":
                wrong = view.locator("tr[data-missed~='week3/convolve2d'] a").first
                wrong.click()
                open_page = view.locator("details.student[open]")
                task = open_page.locator(".task", has_text="convolve2d").first
                task.locator("summary").click()
                task.evaluate("task => task.scrollIntoView()")
            view.screenshot(path=f"{work}/{name}.png")
            whole.paste(Image.open(f"{work}/{name}.png"), (left, 0))
            left += width + 30
        browser.close()
    picture.parent.mkdir(exist_ok=True)
    # 256 colours, including those of small areas.
    whole.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(picture)


def main(argv: Sequence[str] | None = None) -> int:
    """Makes the picture.

    Args:
      argv: the command line without the program's name; None means this process's.

    Returns:
      The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.report_picture", description="Makes the picture of a class page."
    )
    parser.add_argument(
        "--out", type=Path, help="save the graded class in this folder, and continue from it"
    )
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="flaxlings-picture-") as work:
        submissions, out = Path(work, "submissions"), arguments.out or Path(work, "out")
        hand_in(submissions)
        grader = (sys.executable, "-m", "grader")
        for words in (
            ("class", submissions, "--out", out, "--seed", "7"),
            ("report", out, "--title", "Computer vision, autumn term"),
        ):
            subprocess.run([*grader, *words], cwd=COURSE.root, check=True)
        photograph(out.resolve() / "report.html", PICTURE)
    print(f"Wrote {PICTURE}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
