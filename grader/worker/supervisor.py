"""Starts workers, asks them, watches what they use, and ends them with everything they started."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from typing import Any

import psutil

from grader.course import WEEK_NAME
from grader.worker import cgroup, launch, orphans, other_user, visible
from grader.worker.inside import frames
from grader.worker.limits import MAX_PROCESSES, MAX_THREADS, Limits, counted_apart
from grader.worker.output import Tail, printable
from grader.worker.use import Use, tree, use_of

POLL_SECONDS = 0.1  # how often to measure use, and so how late it notices an overrun
START_SECONDS = 120.0  # a worker imports jax in about a second; a cold disk may take a minute
KILL_SECONDS = 2.0  # within which everything of a worker must be gone
WAITING = "was still waiting"
TRACE_LINE = re.compile(rf'File ".*/(?:{WEEK_NAME.pattern})\.py", line (\d{{1,6}}) in'.encode())


class WorkerGone(Exception):
    """The worker did not answer as it should, and has been ended.

    Attributes:
      cause: "timeout" or "crashed".
      text: one sentence that names the cause.
      line: where it was in the student's file, if known; only a claim.
    """

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause
        self.text = text
        self.line: int | None = None


class HostFault(Exception):
    """This machine is at fault: the task is ungraded, not failed."""


class Worker:
    """One worker process and the connection to it. Single-threaded: it reads output as it waits."""

    def __init__(
        self,
        tier: str,
        device: str = "cpu",
        limits: Limits | None = None,
        compiled: str | None = None,
    ) -> None:
        """Starts the process, which imports jax while the caller does other things.

        Args: as for `grader.worker.launch.launch`, and what the worker may use.
        """
        self.limits = limits or Limits()
        self.output = Tail()
        self.ready = False
        self._closed = False
        self._buffer = bytearray()
        self._cpu_before = 0.0
        self._waited = 0.0
        self._processes_at_start = 1
        self._mark = uuid.uuid4().hex
        orphans.adopt()
        try:
            self._launch = launch.launch(tier, device, compiled)
        except (other_user.NoUser, OSError) as error:
            raise HostFault(f"a worker could not start: {error}") from None
        command = list(self._launch.command)
        if tier == "sandbox":
            at = command.index("--")
            command[at:at] = ["--setenv", orphans.MARK, self._mark]
        ours, theirs = socket.socketpair()
        self._trace, trace = os.pipe()
        options = {
            "trace": trace,
            "file_bytes": self.limits.file_bytes,
            # Programs reserve far more address space than they use; this stops absurd allocations.
            "data_bytes": 4 * self.limits.memory_bytes if device == "cpu" else 0,
            "device": device,
            "paths": visible.library_paths(),
            "needs_filter": tier == "user",
            "threads": MAX_THREADS if counted_apart(tier) else 0,
        }
        command += [str(theirs.fileno()), json.dumps(options)]
        self._group = cgroup.make(self.limits.memory_bytes, MAX_THREADS)
        if self._group is not None:
            command = self._group.command(command)
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**self._launch.environment, orphans.MARK: self._mark},
                cwd=self._launch.folder,
                pass_fds=(theirs.fileno(), trace),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            os.close(self._trace)
            self._remove()
            raise HostFault(f"a worker could not start: {error}") from None
        finally:
            theirs.close()
            os.close(trace)
        self.channel = ours
        self.channel.setblocking(False)
        assert self.process.stdout is not None
        self._pipe = self.process.stdout
        os.set_blocking(self._pipe.fileno(), False)
        self._pipe_open = True
        self._psutil = psutil.Process(self.process.pid)
        orphans.WORKERS.add(self.process.pid)

    def use(self) -> Use:
        """Measures the worker and everything it has started."""
        return use_of(self._psutil)

    def has_children(self) -> bool:
        """True if student code has left processes running."""
        return self.use().processes > self._processes_at_start

    def start_clock(self) -> None:
        """Begins a task, whose CPU and waiting time count from here."""
        self._cpu_before = self.use().cpu_seconds
        self._waited = 0.0

    def spent(self) -> float:
        """CPU seconds since `start_clock`."""
        return self.use().cpu_seconds - self._cpu_before

    # Talking ----------------------------------------------------------------------------------

    def wait_ready(self, tick: Callable[[], None] = lambda: None) -> None:
        """Waits until the worker has imported what it needs.

        Raises:
          HostFault: if it does not start; no student code has run at this point.
        """
        if self.ready:
            return
        try:
            hello = self._receive(START_SECONDS, START_SECONDS, tick)
        except WorkerGone as gone:
            said = "; ".join(self.output.lines[-2:])
            raise HostFault(f"a worker did not start: {gone.text} {said}".strip()) from None
        if not isinstance(hello, dict) or "ready" not in hello:
            fault = hello.get("fault", "") if isinstance(hello, dict) else ""
            self.close()
            raise HostFault(f"a worker did not start: {printable(str(fault), 1000)}")
        self.ready = True
        self._processes_at_start = self.use().processes

    def request(
        self,
        message: dict[str, Any],
        cpu_seconds: float,
        wall_seconds: float,
        tick: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """Sends a request and returns the reply.

        Args:
          message: what to do, as plain data.
          cpu_seconds: CPU time that the worker and its children may use since `start_clock`.
          wall_seconds: the limit on the clock while waiting for replies, for code that waits
            instead of computing.
          tick: called about ten times a second while waiting.

        Returns:
          A dict with one of the keys "value", "raised" or "refused".

        Raises:
          WorkerGone: no reply, or a broken one; the worker has been ended.
          frames.FrameError: if the message itself may not cross.
        """
        self.wait_ready(tick)
        data = frames.encode(message)
        reply = self._receive(cpu_seconds, wall_seconds, tick, outgoing=memoryview(data))
        if not isinstance(reply, dict) or not reply.keys() & {"value", "raised", "refused"}:
            raise self._gone("crashed", "The worker sent nonsense: it is not a reply.")
        return reply

    def _receive(
        self,
        cpu_seconds: float,
        wall_seconds: float,
        tick: Callable[[], None],
        outgoing: memoryview | None = None,
    ) -> Any:
        """Sends a message, reads one frame, collects output and watches limits."""
        started = measured = time.monotonic()
        poll = select.poll()
        poll.register(self.channel, select.POLLIN | (select.POLLOUT if outgoing else 0))
        if self._pipe_open:
            poll.register(self._pipe, select.POLLIN)
        while True:
            for descriptor, events in poll.poll(POLL_SECONDS * 1000):
                if descriptor == self._pipe.fileno():
                    if not self._drain():
                        poll.unregister(self._pipe)
                    continue
                if outgoing and events & select.POLLOUT:
                    try:
                        outgoing = outgoing[self.channel.send(outgoing[: 1 << 20]) :]
                    except BlockingIOError:
                        pass
                    except OSError:
                        raise self._ended() from None
                    if not outgoing:
                        poll.modify(self.channel, select.POLLIN)
                if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    payload = self._read_frame()
                    if payload is not None:
                        self._drain()
                        self._waited += time.monotonic() - started
                        try:
                            return frames.decode(payload)
                        except frames.FrameError as error:
                            raise self._nonsense(error) from None
            now = time.monotonic()
            if now - measured >= POLL_SECONDS:
                measured = now
                self._check_use(cpu_seconds, wall_seconds, self._waited + now - started)
                tick()

    def _read_frame(self) -> bytes | None:
        """Reads what has come; returns a frame's payload when it is complete."""
        try:
            piece = self.channel.recv(1 << 20)
        except BlockingIOError:
            return None
        except OSError:
            raise self._ended() from None
        if not piece:
            raise self._ended()
        self._buffer += piece
        header = frames.HEADER.size
        if len(self._buffer) < header:
            return None
        try:
            size = frames.payload_size(bytes(self._buffer[:header]))
        except frames.FrameError as error:
            raise self._nonsense(error) from None
        if len(self._buffer) < header + size:
            return None
        payload = bytes(self._buffer[header : header + size])
        del self._buffer[: header + size]
        if self._buffer:
            raise self._gone("crashed", "The worker sent nonsense: more than the reply.")
        return payload

    def _drain(self) -> bool:
        """Reads up to 1 MiB of output; returns False if the pipe is closed."""
        for _ in range(16):
            try:
                data = os.read(self._pipe.fileno(), 1 << 16)
            except BlockingIOError:
                return True
            except OSError:
                data = b""
            if not data:
                self._pipe_open = False
                return False
            self.output.feed(data)
        return True

    def _check_use(self, cpu_seconds: float, wall_seconds: float, elapsed: float) -> None:
        cpu, memory, count = self.use()
        if memory > self.limits.memory_bytes or self._ran_out():
            raise self._gone("crashed", self._too_much_memory())
        if count > MAX_PROCESSES:
            raise self._gone(
                "crashed",
                f"Your code started more than {MAX_PROCESSES} processes; the grader ended all.",
            )
        if cpu - self._cpu_before > cpu_seconds:
            raise self._timeout(
                f"Your code was still computing after {cpu_seconds:g} s of CPU time, the limit."
            )
        if elapsed > wall_seconds:
            raise self._timeout(f"Your code {WAITING} after {wall_seconds:g} s, the limit.")
        if self.process.poll() is not None and not select.select([self.channel], [], [], 0)[0]:
            raise self._ended()

    def _ran_out(self) -> bool:
        return self._group is not None and self._group.ran_out()

    def _too_much_memory(self) -> str:
        most = self.limits.memory_bytes / 2**30
        return f"Your code used more than {most:.1f} GiB of memory and was stopped."

    # Ending -----------------------------------------------------------------------------------

    def _gone(self, cause: str, text: str) -> WorkerGone:
        self.close()
        return WorkerGone(cause, text)

    def _timeout(self, text: str) -> WorkerGone:
        """Asks the worker where it is before ending it; it answers even from inside C code."""
        for process in tree(self._psutil):
            try:
                if process.name().lower().startswith("python"):
                    process.send_signal(signal.SIGUSR1)
                    break
            except psutil.Error:
                continue
        where, said = None, b""
        deadline = time.monotonic() + 0.3
        while where is None and time.monotonic() < deadline:
            if select.select([self._trace], [], [], 0.05)[0]:
                piece = os.read(self._trace, 1 << 16)
                if not piece:
                    break
                said = (said + piece)[-(1 << 18) :]
                match = TRACE_LINE.search(said)
                where = int(match[1]) if match else None
        gone = self._gone("timeout", text)
        gone.line = where
        return gone

    def _nonsense(self, error: frames.FrameError) -> WorkerGone:
        return self._gone("crashed", f"The worker sent nonsense: {error}.")

    def _ended(self) -> WorkerGone:
        """Says how the process ended, after it has closed the connection."""
        try:
            code = self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            return self._gone("crashed", "Your code closed its connection to the grader.")
        if self._pipe_open:
            self._drain()
        if self._ran_out():
            return self._gone("crashed", self._too_much_memory())
        number = -code if code < 0 else code - 128 if code > 128 else 0
        if number:
            try:
                name = signal.Signals(number).name
            except ValueError:
                name = f"signal {number}"
            why = f"{name} ended the process that runs your code."
        else:
            why = f"The process that runs your code ended on its own, with exit code {code}."
        return self._gone("crashed", why)

    def close(self) -> None:
        """Ends the worker and everything it started; may be called again."""
        if self._closed:
            return
        deadline = time.monotonic() + KILL_SECONDS
        family = tree(self._psutil)
        self.channel.close()
        while True:
            for process in family:
                try:
                    process.kill()
                except psutil.Error:
                    pass
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
            # This process inherits what the worker left behind only once the worker is gone.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, deadline - time.monotonic()))
            self._launch.end_processes()
            # These processes may start more in the meantime: look until there are none.
            family = orphans.adopted(self._psutil.create_time()) + orphans.marked(self._mark)
            if not family or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        self._pipe.close()
        os.close(self._trace)
        self._remove()
        # Not earlier: after a Ctrl-C in between, the next call ends what is left.
        orphans.WORKERS.discard(self.process.pid)
        self._closed = True

    def _remove(self) -> None:
        if self._group is not None:
            self._group.remove()
        self._launch.remove_files()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
