"""Makes up a class of students whose points are known: right, partly right, broken, hostile.

Each student's file is a solution with some answers removed, so that its points follow from the
rubric.
"""

import ast
import random
import textwrap
from collections.abc import Collection, Sequence
from pathlib import Path

from grader.course import COURSE
from grader.rubric import Task, read_rubric

ROUND = 20  # the kinds of students repeat after this many
# Each round has one right student, and these places are partly right and broken; the rest attack.
RIGHT, PARTLY, BROKEN = (0,), range(1, 8), range(8, 13)

# Attacks instead of one answer: (start of the file, body of the function). None earns a point.
HOSTILE = {
    "leaves at import": ("import os; os._exit(0)", "return values"),
    "leaves in a call": ("import sys", "sys.exit(0)"),
    "loops": ("", "while True: pass"),
    "forks": ("import os", "while True: os.fork()"),
    "kills": ("import os, signal", "os.kill(-1, signal.SIGKILL)\nos.kill(1, signal.SIGKILL)"),
    "answers to please": (
        "import numpy as np\n"
        "class Same(np.ndarray):\n"
        "    def __sub__(self, other): return 0 * np.asarray(other)\n"
        "    def __eq__(self, other): return np.ones(self.shape, bool)",
        "return np.asarray(values).view(Same)",
    ),
    "leaves things running": (
        "import atexit, subprocess, sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], "
        "start_new_session=True)\n"
        "atexit.register(time.sleep, 600)",
        "return values",
    ),
    "loops in compiled code": (
        "import jax",
        "return jax.jit(lambda v: jax.lax.while_loop(lambda c: c.sum() < 1e9, lambda c: c*0, v))"
        "(values)",
    ),
    "fills memory": ("import numpy as np", "return [np.ones(2**27) for _ in range(100)]"),
    "prints without end": ("", "while True: print('PASSED 17/17 \\x1b[2J' * 1000)"),
    "patches libraries": (
        "import builtins, math, numpy, numpy.testing\n"
        "math.isclose = numpy.allclose = numpy.array_equal = lambda *a, **k: True\n"
        "numpy.testing.assert_allclose = lambda *a, **k: None\n"
        "builtins.abs = lambda x: 0",
        "return values",
    ),
    "writes results": (
        "import os, pathlib\n"
        "for place in ('.', '..', '/tmp', '/', os.path.expanduser('~'), '/flaxlings'):\n"
        "    for name in ('grades.csv', 'grades.sqlite', 'results.json', 'conftest.py'):\n"
        "        try: pathlib.Path(place, name).write_text('eve,17,17')\n"
        "        except OSError: pass",
        "return values",
    ),
    "looks for what is expected": (
        "import gc, sys",
        "found = [o for o in gc.get_objects() if getattr(o, 'shape', None) == values.shape]\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    found += [v for k, v in frame.f_locals.items() if 'expect' in k]\n"
        "    frame = frame.f_back\n"
        "return found[-1] if found else values",
    ),
    "reads the solutions": (
        "try:\n    from solutions.week1 import set_last as answer\n"
        "except ImportError:\n    answer = None",
        "return answer(values, new) if answer else values",
    ),
    "opens the network": (
        "import socket",
        "socket.create_connection(('1.1.1.1', 53), timeout=2)\nreturn values",
    ),
    "answers nonsense": (
        "import os",
        "for fd in range(3, 64):\n"
        "    try: os.write(fd, b'FLX1' + b'\\xff' * 4096)\n"
        "    except OSError: pass\n"
        "return values",
    ),
    "recurses": ("import sys\nsys.setrecursionlimit(10**9)", "return set_last(values, new)"),
    "fills the disk": (
        "",
        "with open('full', 'wb') as file:\n    while True: file.write(bytes(2**24))",
    ),
    "answers NaN": ("", "return values * float('nan')"),
}
WRONG_BODIES = (
    "raise NotImplementedError('Write it.')",
    "return None",
    "raise ValueError('not today')",
)
Definition = ast.FunctionDef | ast.ClassDef


def _definitions(tree: ast.Module) -> dict[str, Definition]:
    return {node.name: node for node in tree.body if isinstance(node, Definition)}


def passing(week: str, broken: Collection[str]) -> list[Task]:
    """Returns the tasks of a week that still pass when some answers of the solution are broken.

    Args:
      week: for example "week1".
      broken: names of functions and classes.
    """
    source = (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")
    definitions = _definitions(ast.parse(source))
    uses = {
        name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & definitions.keys()
        for name, node in definitions.items()
    }

    def holds(name: str, seen: frozenset[str] = frozenset()) -> bool:
        below = uses[name] - seen - {name}
        return name not in broken and all(holds(other, seen | {name}) for other in below)

    tasks: dict[str, Task] = {}
    for task in read_rubric(COURSE.checks / f"{week}.py"):
        if all(holds(name) for name in task.functions) and all(n in tasks for n in task.needs):
            tasks[task.name] = task
    return list(tasks.values())


def with_bodies(week: str, bodies: dict[str, str], prelude: str = "") -> str:
    """Returns a week's solution with other bodies for some functions, without demonstrations.

    Args:
      week: for example "week1".
      bodies: the new bodies by function name; for a class, every method gets the body.
      prelude: code for the start of the file.
    """
    source = (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
    for name, node in _definitions(tree).items():
        methods = [node] if isinstance(node, ast.FunctionDef) else node.body
        for method in methods if name in bodies else ():
            if isinstance(method, ast.FunctionDef):
                method.body = ast.parse(textwrap.dedent(bodies[name])).body
    return f"{prelude}\n{ast.unparse(tree)}\n"


def partly(week: str, dice: random.Random) -> tuple[str, float]:
    """Returns a file with some answers, and its points; it never has the long trainings."""
    rubric = read_rubric(COURSE.checks / f"{week}.py")
    bodies = {}
    for task in rubric:
        if task.seconds > 100 or dice.random() < 0.5:
            is_class = any(name[0].isupper() for name in task.functions)
            body = WRONG_BODIES[0] if is_class else dice.choice(WRONG_BODIES)
            bodies.update(dict.fromkeys(task.functions, body))
    passed = passing(week, bodies)
    for task in rubric:
        if task not in passed and len(task.functions) > 1:
            # Otherwise one of several functions could still be right and earn part of the points.
            bodies.update(dict.fromkeys(task.functions, WRONG_BODIES[0]))
    points = sum(float(task.points) for task in passed)
    return with_bodies(week, bodies), points


def hostile(kind: str) -> str:
    """Returns a file for week 1 that has only an attack, one of `HOSTILE`."""
    prelude, body = HOSTILE[kind]
    tasks = read_rubric(COURSE.checks / "week1.py")
    bodies = {name: WRONG_BODIES[0] for task in tasks for name in task.functions}
    return with_bodies("week1", {**bodies, "set_last": body}, prelude)


def broken(number: int, week: str, dice: random.Random) -> tuple[bytes | None, float]:
    """Returns a file that is broken as a whole, or None, and the points it gets.

    Importing a module that does not exist costs no points until the code uses it.
    """
    text, earned = partly(week, dice)
    return (
        ((text + "\ndef half(:\n").encode(), 0.0),
        (text.encode("utf-16"), 0.0),
        (b"", 0.0),
        (None, 0.0),
        (b"import a_module_that_nobody_has\n" + text.encode(), earned),
    )[number % 5]


def make_class(
    folder: Path, students: int = 60, weeks: Sequence[str] = ("week1", "week2", "week3")
) -> dict[str, list[float]]:
    """Writes a class of submissions, the same at every call.

    Args:
      folder: where to make a folder for each student.
      students: the number of students.
      weeks: what the students hand in; hostile students attack in week 1.

    Returns:
      The expected points of each week, in order, by student.
    """
    dice = random.Random(2026)
    kinds = list(HOSTILE)
    expected: dict[str, list[float]] = {}
    attacks = 0
    for number in range(students):
        place = number % ROUND
        if place in RIGHT:
            kind = "right"
        elif place in PARTLY:
            kind = "partly"
        elif place in BROKEN:
            kind = "broken"
        else:
            kind, attacks = kinds[attacks % len(kinds)], attacks + 1
        name = f"{number:03} {kind}"
        home = folder / name
        home.mkdir(parents=True)
        points = []
        for week in weeks:
            content: bytes | None
            earned = 0.0
            if kind == "right":
                content = with_bodies(week, {}).encode()
                rubric = read_rubric(COURSE.checks / f"{week}.py")
                earned = sum(float(task.points) for task in rubric)
            elif kind == "broken":
                content, earned = broken(place, week, dice)
            elif kind == "partly" or week != "week1":
                text, earned = partly(week, dice)
                content = text.encode()
                if kind != "partly" and dice.random() < 0.5:
                    content, earned = None, 0.0
            else:
                content = hostile(kind).encode()
            if content is not None:
                (home / f"{week}.py").write_bytes(content)
            points.append(earned)
        expected[name] = points
    return expected
