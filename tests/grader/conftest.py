"""Makes a tiny course for the grader's tests: two weeks of checks and a solution."""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from grader.classroom.gradebook import Gradebook
from grader.course import COURSE, Course
from grader.intake.model import Handed, Intake
from grader.results.model import WeekResult
from grader.rubric import read_rubric
from grader.secret import Secret
from grader.session.options import Options
from grader.session.week import grade_work
from grader.session.workers import Workers
from grader.source.reading import read_work
from grader.source.stubs import task_functions
from grader.worker import other_user, tiers
from grader.worker.limits import Limits


def named(word: str, processes: Iterable[psutil.Process] | None = None) -> list[psutil.Process]:
    """Returns the processes (by default of the entire machine) whose command contains the word.

    It leaves out processes that end meanwhile.
    """
    found = []
    for process in psutil.process_iter() if processes is None else processes:
        with contextlib.suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                found.append(process)
    return found


CHECKS = '''
import numpy as np
from grader.rubric import task


@task(points=2, functions=("double",), seconds=2, forbids=("lib.conv2d", "numpy.add"),
      hints=("Think.", "Multiply.", "2 * x"))
def check_double(student, secret, judge):
    """Twice a number."""
    x = secret.numpy("x").normal(size=(4, 3)).astype(np.float32)
    with judge.part(1, "arrays"):
        judge.same(student.double(x), 2 * x, hint="Multiply by two.")
    with judge.part(1, "numbers"):
        judge.same(student.double(3.0), 6.0)


@task(points=1, functions=("answer",), seconds=2)
def check_answer(student, secret, judge):
    """A number that does not depend on anything."""
    judge.same(student.answer(), 42)


@task(points=1, functions=("quadruple",), seconds=2, needs=("double",))
def check_quadruple(student, secret, judge):
    """Twice twice."""
    judge.same(student.quadruple(2.0), 8.0)


@task(points=1.5, functions=("Tally",), seconds=2)
def check_tally(student, secret, judge):
    """A class that adds up."""
    tally = student.Tally(secret.numpy("start").integers(5))
    start = int(secret.numpy("start").integers(5))
    judge.same(tally.method("add", 3), start + 3)
    judge.same(tally.method("add", 4), start + 7)
    judge.same(tally.get("total"), start + 7)
'''

SOLUTION = '''
"""A tiny week."""

# %% [markdown]
# # Tiny
# Three small tasks.

# %%
import lib


# only the solution has this
def _twice(x):
    return x + x


def double(x):
    """Doubles."""
    # a comment of the solution
    return _twice(x)


# %%
def answer():
    """Answers."""
    return 42


def quadruple(x):
    """Doubles twice."""
    return double(double(x))


class Tally:
    """Adds up."""

    def __init__(self, start):
        """Begins."""
        self.total = start

    def add(self, n):
        """Adds."""
        self.total = self.total + n
        return self.total


if __name__ == "__main__":
    print(answer())
'''

OTHER_CHECKS = '''
import numpy as np

from grader.rubric import task

@task(points=1, functions=("plot",), seconds=5)
def check_plot(student, secret, judge):
    """A figure."""
    figure = student.plot()
    axes = figure["axes"][0]
    judge.same(axes["title"], "A title")
    judge.same(axes["lines"][0]["y"], np.array([1.0, 4.0, 9.0]))
    judge.same(axes["bars"][0]["heights"], np.array([2.0, 3.0]))

@task(points=1, functions=("broken",), seconds=5)
def check_broken(student, secret, judge):
    """A check with a fault."""
    raise RuntimeError("a fault of the check's own")

@task(points=1, functions=("indexed",), seconds=5)
def check_indexed(student, secret, judge):
    """A check that takes a pair apart."""
    first, second = student.indexed()
    judge.same(first + second, 3)
'''


@pytest.fixture(scope="session")
def tier() -> str:
    """Returns the best tier of this machine."""
    return tiers.choose("auto")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Course:
    """Makes a course with the weeks above."""
    root = tmp_path_factory.mktemp("tiny")
    (root / "pyproject.toml").write_text('[project]\nname = "flaxlings"\n')
    for name in ("checks", "solutions", "exercises"):
        (root / name).mkdir()
    (root / "checks/week91.py").write_text(CHECKS.lstrip())
    (root / "checks/week92.py").write_text(OTHER_CHECKS.lstrip())
    (root / "solutions/week91.py").write_text(SOLUTION.lstrip())
    return Course(root, root / "checks")


GOOD = """
def double(x):
    return x * 2

def answer():
    return 42

def quadruple(x):
    return double(double(x))

class Tally:
    def __init__(self, start):
        self.total = start

    def add(self, n):
        self.total = self.total + n
        return self.total
"""


@pytest.fixture(scope="session")
def good() -> str:
    """Returns a submission that passes every task of week91."""
    return GOOD


def judged(path: Path, week: str, options: Options) -> WeekResult:
    """Grades a file with its own workers."""
    workers = Workers(options)
    try:
        work = read_work(path, week, task_functions(options.course, week))
        return grade_work(work, options, workers=workers)
    finally:
        workers.close()


@pytest.fixture
def grade(tiny, tier, tmp_path):
    """Grades a source text of week91 and returns its tasks by name."""

    def grade(source, week="week91", tasks=(), name=None, tier=tier, seed=None):
        path = Path(tmp_path) / (name or f"{week}.py")
        if isinstance(source, str):
            source = textwrap.dedent(source).lstrip("\n").encode()
        path.write_bytes(source)
        secret = Secret.fresh() if seed is None else Secret.from_seed(seed)
        options = Options(course=tiny, tier=tier, tasks=tuple(tasks), secret=secret)
        grade.last = judged(path, week, options)
        return {task.name: task for task in grade.last.tasks}

    return grade


CHECK = '''
@task(points=2, functions=("{name}",), seconds={seconds}, forbids=("lib.conv2d", "numpy.add"),
      needs={needs})
def check_{name}(student, secret, judge):
    """Twice a number."""
    x = secret.numpy("x").normal(size=(4, 3)).astype(np.float32)
    with judge.part(1, "arrays"):
        judge.same(student.{name}(x), 2 * x, hint="Multiply by two.")
    with judge.part(1, "numbers"):
        judge.same(student.{name}(3.0), 6.0)
'''


@pytest.fixture(scope="session")
def grade_each(tier, tmp_path_factory):
    """Grades many functions that should double, in one file; a worker serves until one ends it."""

    def grade_each(bodies, head="", seconds=None, needs=None, limits=None):
        """Returns the tasks by name.

        Args:
          bodies: the text below `def NAME(x):`, by name.
          head: the text above the functions.
          seconds: CPU time, if it is not 2.
          needs: tasks that must pass first, by name.
          limits: the workers' limits.
        """
        root = tmp_path_factory.mktemp("each")
        checks, source = "import numpy as np\nfrom grader.rubric import task\n", head
        for name, body in bodies.items():
            checks += CHECK.format(
                name=name,
                seconds=(seconds or {}).get(name, 2),
                needs=(needs or {}).get(name, ()),
            )
            source += f"\ndef {name}(x):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        (root / "checks").mkdir()
        (root / "checks/week94.py").write_text(checks)
        (root / "week94.py").write_text(source)
        course = Course(root, root / "checks")
        options = Options(course=course, tier=tier, limits=limits or Limits())
        return {task.name: task for task in judged(root / "week94.py", "week94", options).tasks}

    return grade_each


@pytest.fixture(scope="session")
def verdict():
    """Makes the contract's object of a student's week, without judging anything."""

    def verdict(student, statuses=(), message="", tier="sandbox", week="week1"):
        """Makes a verdict on a week from the statuses of its first tasks; the others are todo."""
        tasks = []
        for place, task in enumerate(read_rubric(COURSE.checks / f"{week}.py")):
            status = statuses[place] if place < len(statuses) else "todo"
            points = float(task.points) if status == "passed" else 0.0
            said = message if status not in ("passed", "todo") else ""
            tasks.append(
                {"name": task.name, "title": task.title, "status": status, "points": points}
                | {"max_points": float(task.points), "seconds": 0.5, "message": said, "hint": said}
            )
        return {
            "schema": 1, "week": week, "submission": f"{student}/{week}.py", "self_check": False,
            "data": "embedded", "isolation": tier, "device": "cpu", "seed": "abc",
            "points": sum(task["points"] for task in tasks),
            "max_points": sum(task["max_points"] for task in tasks),
            "passed": all(task["status"] == "passed" for task in tasks),
            "seconds": 2.0, "tasks": tasks,
        }  # fmt: skip

    return verdict


NOT_COPIED = ("site-packages", "test", "tests", "idlelib", "tkinter", "ensurepip", "config-*")


@pytest.fixture(scope="session")
def open_python() -> Iterator[tuple[str, str]]:
    """Returns an interpreter that every user may run, and its prefix: a copy if this is closed."""
    if is_open(os.path.realpath(sys.executable)) and is_open(sys.base_prefix):
        yield sys.executable, sys.base_prefix
        return
    folder = Path(tempfile.mkdtemp(prefix="flaxlings-python-"))
    try:
        library = Path(sysconfig.get_path("stdlib"))
        (folder / "bin").mkdir()
        python = folder / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        shutil.copy(os.path.realpath(sys.executable), python)
        shutil.copytree(
            library, folder / "lib" / library.name, ignore=shutil.ignore_patterns(*NOT_COPIED)
        )
        folder.chmod(0o755)
        if os.geteuid() == 0:
            command, nobody = [str(python), "-I", "-c", ""], other_user.USERS[-1]
            done = subprocess.run(
                command, cwd="/", user=nobody, group=nobody, extra_groups=[], capture_output=True
            )
            if done.returncode != 0:
                pytest.skip("this Python is in a closed folder, and a copy of it does not start")
        yield str(python), str(folder)
    finally:
        shutil.rmtree(folder)


def is_open(path: str) -> bool:
    return all(os.stat(place).st_mode & 0o5 == 0o5 for place in (path, *Path(path).parents))


@pytest.fixture(scope="session")
def gradebook(tmp_path_factory, verdict):
    """Hands in work, one attempt after the other, and records made-up verdicts on it."""

    def gradebook(
        attempts, weeks=("week1", "week2"), students=("ada", "bob"), numbers=None, tier="sandbox"
    ):
        """Returns the closed gradebook's folder.

        Args:
          attempts: (student, week, statuses of the first tasks, time or None) in order; without
            statuses, the work was handed in and has no verdict.
          weeks: the graded weeks.
          students: all students.
          numbers: the course system's numbers for them.
          tier: the tier of all verdicts.
        """
        out = tmp_path_factory.mktemp("gradebook") / "out"
        with Gradebook(out, {}, seed=4) as book:
            book.hand_in(Intake(students=list(students), numbers=numbers or {}), weeks)
            for place, (student, week, statuses, when) in enumerate(attempts):
                handed = Handed(student, week, {f"{week}.py": b"x = %d" % place}, time=when)
                book.hand_in(Intake(handed={(student, week): handed}), weeks)
                if statuses is not None:
                    result = verdict(
                        student, statuses, f"<b>{student}</b>\n::error::forged", tier, week
                    )
                    book.record(student, handed.digest, result)
        return out

    return gradebook
