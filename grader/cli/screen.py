"""What `watch` shows: lines in a pipe, and on a terminal a clean screen for each run."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from grader.cli.display import Display
from grader.course import Course
from grader.results.model import TaskResult, WeekResult
from grader.results.text import console, number, task_text
from grader.rubric import Task, read_rubric

FAILED = ("failed", "error", "timeout", "crashed")


class Saved(KeyboardInterrupt):
    """The file was saved again while a task ran: stop and start over."""


def stamp(path: Path) -> tuple[int, ...]:
    """Returns a value that changes when a file, or the notebook next to it, is saved."""
    found: list[int] = []
    for ending in (".py", ".ipynb"):
        try:
            status = path.with_suffix(ending).stat()
        except OSError:
            found += (0, 0)
        else:
            found += (status.st_mtime_ns, status.st_size)
    return tuple(found)


def changes(last: WeekResult, now: WeekResult) -> Text:
    """Returns a line with the tasks whose verdict has changed since the last save."""
    before = {task.name: task for task in last.tasks}
    passed, failed, moved = [], [], []
    for task in now.tasks:
        old = before.get(task.name)
        if task.status == "passed" and (old is None or old.status != "passed"):
            passed.append(task.name)
        elif _fails_now(old.status if old else "", task.status):
            failed.append(task.name)
        elif old is not None and task.points != old.points:
            moved.append(f"{task.name} {number(old.points)} → {number(task.points)} points")
    line = Text("   since the last save: ", "dim")
    groups = (
        (passed, "✓ ", "not dim green"),
        (failed, "✗ ", "not dim red"),
        (moved, "", "not dim"),
    )
    shown = [(sign + ", ".join(names), style) for names, sign, style in groups if names]
    return line.append_text(
        Text("  ").join(Text(*each) for each in shown or [("the same verdicts", "")])
    )


def _fails_now(before: str, now: str) -> bool:
    lost = before == "passed" and now in ("todo", "skipped")
    return lost or (now in FAILED and before not in FAILED)


class WatchDisplay(Display):
    """The display of `watch`: says what a save has changed, and stops at the next save."""

    def __init__(self, path: Path, course: Course, last: WeekResult | None) -> None:
        """Looks at the file.

        Args:
          path: the student's file.
          course: the student's.
          last: the result of the run before, if there was one.
        """
        super().__init__(course=course, prints=True)
        self.path, self.last = path, last
        self.stamp = stamp(path)
        self.training_said = False

    def _heading(self, result: WeekResult) -> Text:
        return Text.assemble((f"{time.strftime('%H:%M:%S')}  ", "dim"), super()._heading(result))

    def task_started(self, task: Task) -> None:
        """Announces, once, that the tasks that follow train."""
        if task.training and not self.training_said:
            self.training_said = True
            self._clear()
            self._print("   now the tasks that train; save again to stop them", "dim")
        super().task_started(task)

    def tick(self, last_line: str) -> None:
        """Checks whether the file was saved."""
        super().tick(last_line)
        if stamp(self.path) != self.stamp:
            raise Saved

    def _totals(self, result: WeekResult) -> list[Text]:
        return super()._totals(result) + ([changes(self.last, result)] if self.last else [])

    def close(self) -> None:
        """Ends this run, however it went."""


class WatchScreen(WatchDisplay):
    """The same on a clean screen; during a run, dim verdicts are from the run before."""

    def __init__(self, path: Path, course: Course, last: WeekResult | None) -> None:
        super().__init__(path, course, last)
        self.head: list[RenderableType] = []
        self.tasks: dict[str, Group] = {}  # those of this run
        self.running = ""
        self.training_said = True  # next to the task, while it runs
        # The terminal's alternate screen: nothing taller than it is left behind.
        self.screen = Live(
            console=console(soft_wrap=False),
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def week_started(self, result: WeekResult) -> None:
        """Switches to the alternate screen."""
        self.screen.start()
        super().week_started(result)

    def task_done(self, result: TaskResult) -> None:
        """Replaces the task's last verdict."""
        self.running = ""
        self._show_import()
        self.tasks[result.name] = Group(*self._task(result))
        self.task = None
        self._draw()

    def week_done(self, result: WeekResult) -> None:
        """Leaves the verdicts on the normal screen, where you can scroll."""
        self.close()
        self.console.clear()
        for line in self.head:
            self.console.print(line)
        for task in result.tasks:
            if task.name in self.tasks and not result.changed_files:
                for text in self.tasks[task.name].renderables:
                    self.console.print(text)
        super().week_done(result)

    def close(self) -> None:
        """Switches back to the normal screen."""
        self.screen.stop()

    def _print(self, text: Text | str, style: str | None = None) -> None:
        if self.screen.is_started:
            self.head.append(Text(text, style or "") if isinstance(text, str) else text)
            self._draw()
        else:
            super()._print(text, style)

    def _status(self, text: str) -> None:
        self.running = text
        self._draw()

    def _clear(self) -> None:
        self.running = ""

    def _draw(self) -> None:
        self.screen.update(Group(*self._lines()), refresh=True)

    def _lines(self) -> Iterable[RenderableType]:
        yield from self.head
        stop = "  (save again to stop it)" if self.task and self.task.training else ""
        yield Text(f" {self.running}{stop}", "bold", no_wrap=True, overflow="ellipsis")
        before = {task.name: task for task in self.last.tasks} if self.last else {}
        week = self.week.week if self.week else ""
        for task in read_rubric(self.course.checks / f"{week}.py") if self.course and week else ():
            if task.name in self.tasks:
                yield self.tasks[task.name]
            elif task.name in before:
                text = task_text(before[task.name], self.console.width)
                text.stylize("dim")
                yield text
