"""Loads a program into workers cell by cell: a broken cell costs only what it defines."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.judge.student import StudentRaised
from grader.source.program import Program
from grader.source.submission import Cell, Submission
from grader.worker.output import printable
from grader.worker.supervisor import WAITING, Worker, WorkerGone

IMPORT_SECONDS = 15.0  # CPU time for importing a student's file
SURE_SECONDS = 2.0  # more than a cell that has run before needs to run again
# Waiting on the clock, besides computing: a cell may use half of what its worker has left.
WAIT_SECONDS = 40.0
MOST_WAIT_SECONDS = 120.0  # in all workers
BUSY = 4.0  # seconds on the clock that a busy machine may take for one of computing
MAX_GONE = 3  # cells that end a worker; after that, no cell runs for the first time


def wall_seconds(cpu_seconds: float) -> float:
    """How long to wait on the clock for some CPU seconds: generous, for a busy machine."""
    return 10.0 + BUSY * cpu_seconds


@dataclass(frozen=True)
class Stop:
    """How a cell stopped before its end.

    Attributes:
      line: where it stopped; its first line with code if all of it is left out.
      error: what it raised, or how it ended the worker; a timeout if it waited for too long.
    """

    line: int
    error: StudentRaised | WorkerGone


class CellStopped(Exception):
    """Something that a task needs is not defined, because its cell stopped first.

    Attributes:
      name: what the task needs.
      stop: how a cell stopped; what the worker says about it can only cost the task.
      missed: what the cell of `name` needed, if `stop` left that undefined, or "".
    """

    def __init__(self, name: str, stop: Stop, missed: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.stop = stop
        self.missed = missed


class Loading:
    """What happened to a submission's cells, in one worker after the other.

    Attributes:
      submission: the program.
      stopped: the cells that did not run to their end.
      missing: the modules that the program imports and that are not available.
      printed: the end of what the cells printed in the last worker.
      open: whether another worker is of use: False if every cell has ended one, or too many have.
    """

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.stopped: dict[Cell, Stop] = {}
        self.missing: dict[str, None] = {}
        self.printed = ""
        lines = submission.source.split("\n")
        # The first line with code of each cell; cells that are empty or unreadable have none.
        self._begins: dict[int, int] = {}
        for number, cell in enumerate(submission.cells):
            for place in range(cell.first, cell.last + 1):
                if lines[place - 1].strip() and not lines[place - 1].startswith("#"):
                    self._begins[number] = place
                    break
        self._ran: set[int] = set()
        self._out: set[int] = set()  # cells that no longer run
        self._left = IMPORT_SECONDS
        self._wait = MOST_WAIT_SECONDS
        self._sure = 0.0  # CPU seconds of the cells that have run
        self._gone = 0
        self.open = True

    def load(self, worker: Worker, tick: Callable[[], None]) -> None:
        """Runs the cells in a fresh worker, without those that ended an earlier one.

        Raises:
          WorkerGone: if a cell ends this one; that cell is left out from then on.
          StudentRaised: if the worker cannot even read the file.
        """
        submission = self.submission
        message = {
            "do": "load",
            "name": submission.week,
            "file": f"{submission.week}.py",
            "source": submission.source.encode(),
            "cells": [cell.last for cell in submission.cells],
        }
        self.open = False
        reply = worker.request(message, IMPORT_SECONDS, wall_seconds(IMPORT_SECONDS), tick)
        if "raised" in reply:
            raise StudentRaised(reply["raised"] if isinstance(reply["raised"], dict) else {})
        spent = worker.spent()
        most_wait = left = max(0.0, min(WAIT_SECONDS, self._wait))
        for number in self._begins:
            if number in self._out:
                continue
            most = self._most(number, spent)
            wait = max(0.1, left if len(self._begins) == 1 else left / 2)
            began = time.monotonic()
            message = {"do": "cell", "number": number, "wait": wait}
            try:
                # The worker interrupts a cell that waits; this limit is for one that prevents it.
                reply = worker.request(message, most, most_wait + wall_seconds(most), tick)
            except WorkerGone as gone:
                took = time.monotonic() - began
                self._wait -= took
                self._leave_out(number, gone, most if gone.cause == "timeout" else spent + took)
                raise
            took = time.monotonic() - began
            if took > 0.05:  # looking costs a millisecond
                before, spent = spent, worker.spent()
                waited = max(0.0, took - BUSY * (spent - before))
                left -= waited
                self._wait -= waited
            self._note(number, reply, wait)
            self._sure = max(self._sure, spent)

    def _most(self, number: int, spent: float) -> float:
        """Returns by how many CPU seconds after the worker's start a cell must be done."""
        if number in self._ran:
            return min(2 * self._sure, IMPORT_SECONDS) + SURE_SECONDS
        if len(self._begins) == 1:
            return IMPORT_SECONDS
        # Half of what is left. If the cell hangs, the other half is for loading without it.
        return round(spent + max(0.0, self._left - spent) / 2, 1)

    def _note(self, number: int, reply: dict[str, object], wait: float) -> None:
        """Notes what the worker says about a cell that has run and could wait `wait` seconds."""
        cell = self.submission.cells[number]
        self._ran.add(number)
        said = reply.get("value")
        for name in said if isinstance(said, list) else ():
            if isinstance(name, str) and len(self.missing) < 100:
                self.missing[printable(name, 80)] = None
        self.stopped.pop(cell, None)
        if "value" not in reply:
            raised = reply.get("raised")
            error = StudentRaised(raised if isinstance(raised, dict) else {})
            lines = [line for line, _ in error.frames[:1]] + [error.line or 0]
            line = next((line for line in lines if cell.first <= line <= cell.last), cell.first)
            if error.kind == "WaitedTooLong":
                text = f"Your code {WAITING} after {wait:.3g} s, the limit."
                self.stopped[cell] = Stop(line, WorkerGone("timeout", text))
            else:
                self.stopped[cell] = Stop(line, error)

    def _leave_out(self, number: int, gone: WorkerGone, used: float) -> None:
        """Notes that a cell has ended its worker, and whether to start another one."""
        self._ran.discard(number)
        self._gone += 1
        self._left -= used
        if self._gone == MAX_GONE or self._left < 2 * (self._sure + 1):
            out = self._begins.keys() - self._ran - self._out
        else:
            out = {number}
        self._out |= out
        for other in out:
            self.stopped[self.submission.cells[other]] = Stop(self._begins[other], gone)
        self.open = self._gone <= MAX_GONE and len(self._out) < len(self._begins)

    def check(self, program: Program, functions: tuple[str, ...]) -> None:
        """Checks that everything that the functions need is defined.

        Raises:
          CellStopped: if something is not.
        """
        stops = {cell: stop.line for cell, stop in self.stopped.items()}
        lost = program.lost(functions, stops)
        if lost is None or lost[1] not in self.stopped:
            return
        name, cell = lost
        missed, seen = "", {cell}
        # A cell may have stopped because another one did not define what it needs.
        while (wanted := _undefined(self.stopped[cell].error)) and (
            before := program.lost((wanted,), stops)
        ):
            if before[0] != wanted or before[1] in seen or before[1] not in self.stopped:
                break
            missed, cell = before
            seen.add(cell)
        raise CellStopped(name, self.stopped[cell], missed)


def _undefined(error: StudentRaised | WorkerGone) -> str:
    """Returns the name that code found undefined, or ""."""
    if not isinstance(error, StudentRaised) or error.kind != "NameError":
        return ""
    found = re.match(r"name '(\w{1,200})' is not defined", error.text)
    return found[1] if found else ""
