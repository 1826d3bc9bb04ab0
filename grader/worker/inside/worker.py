"""The only program that runs untrusted code: it imports a student's file and calls its functions.

The supervisor starts it as `python -I -B inside/worker.py FD LIMITS` in a folder with `lib/` next
to `inside/`, and nothing else of the grader. Whatever this process answers is only a claim; another
process makes the verdict. It computes values before it sends them, so that a lazy value costs its
time here, inside the limit.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib.util
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import types
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]  # these files, and `lib`

import cells  # noqa: E402  # pyright: ignore[reportMissingImports]
import figures  # noqa: E402  # pyright: ignore[reportMissingImports]
import forbids  # noqa: E402  # pyright: ignore[reportMissingImports]
import raising  # noqa: E402  # pyright: ignore[reportMissingImports]
import stand_ins  # noqa: E402  # pyright: ignore[reportMissingImports]
import syscall_filter  # noqa: E402  # pyright: ignore[reportMissingImports]
import waiting  # noqa: E402  # pyright: ignore[reportMissingImports]

# For code that runs once: a third of the compile time, but slower.
ONCE = {"xla_backend_optimization_level": 0}


def limit_this_process(limits: dict[str, Any]) -> None:
    """Sets limits that the kernel enforces: files, data, no core dumps, death with the parent."""
    import resource

    def limit(which: int, value: int) -> None:
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(which, (value, value))

    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    if limits["data_bytes"] and sys.platform == "linux":
        limit(resource.RLIMIT_DATA, limits["data_bytes"])
    if limits["threads"]:
        limit(resource.RLIMIT_NPROC, limits["threads"])
    # On this signal Python reports where it is, even from inside C code: for a timeout's message.
    faulthandler.register(signal.SIGUSR1, file=limits["trace"], all_threads=True)
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # Processes whose parent has ended stay below this one, where their use counts.
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def describe(value: Any) -> str:
    """Describes in a few words an object that cannot cross as data."""
    import numpy as np

    kind = type(value)
    if kind is np.ndarray:
        return f"NumPy array of dtype {value.dtype}"
    if isinstance(value, np.ndarray):
        return f"{kind.__name__} (a subclass of the NumPy array)"
    if isinstance(value, types.FunctionType):
        return f"function {value.__name__}"[:80]
    if isinstance(value, types.GeneratorType):
        return "generator"
    if kind is dict:
        return "dict whose keys are not all str"
    return kind.__name__[:80]


class Worker:
    """Holds the student's module and the objects that stay here, and answers requests."""

    def __init__(self) -> None:
        self.module: types.ModuleType | None = None
        self.path = ""
        self.cells: Any = None
        self.handles: dict[int, Any] = {}
        self.count = 0
        self.compiled: dict[tuple[int, Any], Any] = {}  # by a handle's object and mode
        self.forbids = forbids.Forbids()

    # Values -----------------------------------------------------------------------------------

    def keep(self, value: Any) -> Any:
        """Turns a figure into its description, and any other object into a handle."""
        figure_module = sys.modules.get("matplotlib.figure")
        if figure_module is not None and isinstance(value, figure_module.Figure):
            return figures.figure_description(value)
        return self.handle(value)

    def handle(self, value: Any) -> Any:
        """Stores an object and returns its handle."""
        self.count += 1
        self.handles[self.count] = value
        return frames.HandleRef(self.count, describe(value))

    def arrive(self, value: Any) -> Any:
        """Turns a decoded value into what the student's code gets: JAX arrays, keys, objects."""
        import jax
        import jax.numpy as jnp
        import numpy as np

        kind = type(value)
        if kind is np.ndarray:
            return jnp.asarray(value)
        if kind is frames.HostArray:
            return value.array
        if kind is frames.KeyData:
            return jax.random.wrap_key_data(jnp.asarray(value.data))
        if kind is frames.HandleRef:
            return self.handles[value.number]
        if kind is list or kind is tuple:
            return kind(self.arrive(item) for item in value)
        if kind is dict:
            return {key: self.arrive(item) for key, item in value.items()}
        return value

    # Requests ---------------------------------------------------------------------------------

    def do_load(self, request: dict[str, Any]) -> None:
        """Takes the bytes of the student's file; without "cells", runs it at once.

        "cells" is a list of the last lines of its parts, which `do_cell` runs.
        """
        name = request["name"]
        self.path = os.path.join(os.getcwd(), request["file"])
        pathlib.Path(self.path).write_bytes(request["source"])
        spec = importlib.util.spec_from_file_location(name, self.path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        self.module = module
        self.forbids.own = vars(module)
        vars(module).update(get_ipython=stand_ins.get_ipython, display=stand_ins.display)
        sys.meta_path.insert(0, stand_ins.Finder(vars(module)))
        text = request["source"].decode()
        self.cells = cells.Cells(module, text, self.path, stand_ins.Missing)
        if "cells" in request:
            self.cells.split(request["cells"])
        else:
            self.cells.run(0)

    def do_cell(self, request: dict[str, Any]) -> list[str]:
        """Runs a part of the file, which may wait for "wait" seconds.

        Returns the modules that it imports and that are not available.
        """
        with waiting.limited(request["wait"]):
            return self.cells.run(request["number"])

    def do_task(self, request: dict[str, Any]) -> dict[str, Any]:
        """Prepares the next task: drops handles and figures, and replaces its forbidden pieces."""
        self.handles.clear()
        self.compiled.clear()
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
        self.forbids.restore()
        for pattern in request["forbids"]:
            self.forbids.forbid(pattern)
        return {"threads": threading.active_count()}

    def do_call(self, request: dict[str, Any]) -> Any:
        """Calls a function or class of the student's file; with "keep", its value stays here.

        With "transform", it calls it under this JAX transformation, "jit" or "grad".
        """
        function = getattr(self.module, request["name"])
        if "transform" in request:
            function = ORIGINALS[f"jax.{request['transform']}"](function)
        value = function(*self.arrive(request["args"]), **self.arrive(request["kwargs"]))
        return self.handle(value) if request.get("keep") else value

    def do_piece(self, request: dict[str, Any]) -> Any:
        """Calls a part of `lib` or Optax by name: `optax.adam` with its arguments."""
        package, *path = request["name"].split(".")
        if package not in ("lib", "optax") or any(part.startswith("_") for part in path):
            raise ValueError(f"{request['name']} is not in lib or optax")
        piece: Any = ORIGINALS.get(request["name"])
        if piece is None:
            piece = sys.modules[package]
            for part in path:
                piece = getattr(piece, part)
        return piece(*self.arrive(request["args"]), **self.arrive(request["kwargs"]))

    def do_make_state(self, request: dict[str, Any]) -> Any:
        """Joins a model, an optimizer and parameters into a `lib.TrainState`."""
        import jax.numpy as jnp

        model, optimizer = self.arrive(request["model"]), self.arrive(request["optimizer"])
        params = self.arrive(request["params"])
        loss = ORIGINALS[f"lib.{request['loss']}"]
        metrics = ()
        if request["loss"] == "softmax_cross_entropy":
            metrics = (("accuracy", ORIGINALS["lib.accuracy"]),)
        return ORIGINALS["lib.TrainState"](
            step=jnp.zeros((), jnp.int32),
            params=params,
            opt_state=optimizer.init(params),
            model=model,
            optimizer=optimizer,
            loss=loss,
            metrics=metrics,
        )

    def do_handle(self, request: dict[str, Any]) -> Any:
        """Runs one of the verbs of a handle."""
        target = self.handles[request["on"].number]
        args, kwargs = self.arrive(request["args"]), self.arrive(request["kwargs"])
        return getattr(self, "verb_" + request["verb"])(target, *args, **kwargs)

    def verb_call(self, target: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the object."""
        return target(*args, **kwargs)

    def verb_method(self, target: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a method of the object."""
        return getattr(target, name)(*args, **kwargs)

    def verb_get(self, target: Any, name: str) -> Any:
        """Reads an attribute of the object."""
        return getattr(target, name)

    def verb_item(self, target: Any, key: Any) -> Any:
        """Reads an item of the object."""
        return target[key]

    def verb_init(self, target: Any, key: Any, inputs: Any) -> Any:
        """Draws a model's parameters; `inputs` is a shape (a tuple of ints) or an array."""
        import jax
        import jax.numpy as jnp

        if isinstance(inputs, tuple):
            inputs = jnp.zeros(inputs, jnp.float32)
        return jax.jit(target.init, compiler_options=ONCE)(key, inputs)["params"]

    def verb_param_shapes(self, target: Any, input_shape: tuple[int, ...]) -> Any:
        """Returns the tree of a model's parameters with each array's shape as a tuple of ints."""
        import jax
        import jax.numpy as jnp

        sample = jax.ShapeDtypeStruct(tuple(input_shape), jnp.float32)
        tree = jax.eval_shape(target.init, jax.random.key(0), sample)["params"]
        return jax.tree.map(lambda leaf: tuple(int(n) for n in leaf.shape), tree)

    def verb_apply(
        self, target: Any, params: Any, inputs: Any, train: Any = None, rngs: Any = None
    ) -> Any:
        """Runs a model on inputs with the given parameters."""
        import jax

        extra = {} if train is None else {"train": train}
        if (id(target), train) not in self.compiled:
            # Compile once instead of for each operation.
            self.compiled[id(target), train] = jax.jit(
                lambda params, inputs, rngs: target.apply(
                    {"params": params}, inputs, rngs=rngs, **extra
                ),
                compiler_options=ONCE,
            )
        return self.compiled[id(target), train](params, inputs, rngs)

    def verb_shapes(self, target: Any, input_shape: tuple[int, ...]) -> dict[str, Any]:
        """Lists a model's layers, their output shapes and parameters, without computing."""
        summary = ORIGINALS["lib.summary"](target, tuple(input_shape))
        return {
            "rows": [
                {
                    "name": str(row.name),
                    "kind": str(row.kind),
                    "output_shape": tuple(int(n) for n in row.output_shape),
                    "params": int(row.params),
                }
                for row in summary.rows
            ],
            "total": int(summary.total),
        }

    def verb_params(self, target: Any) -> Any:
        """Returns the parameters of a state."""
        return target.params

    def do_put_files(self, request: dict[str, Any]) -> None:
        """Writes files under the working folder."""
        for name, content in request["files"].items():
            path = os.path.join(os.getcwd(), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            pathlib.Path(path).write_bytes(content)

    def do_get_files(self, request: dict[str, Any]) -> dict[str, bytes]:
        """Returns the files in a folder of the working folder, by relative path."""
        root = os.path.join(os.getcwd(), request["folder"])
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    found[os.path.relpath(path, root)] = pathlib.Path(path).read_bytes()
        return found

    # Answers ----------------------------------------------------------------------------------

    def answer(self, request: dict[str, Any]) -> bytes:
        """Answers a request, and encodes the outcome as a frame."""
        try:
            value = getattr(self, "do_" + request["do"])(request)
            return frames.encode({"value": value}, self.keep, keys_as_data=True)
        except frames.FrameError as error:
            return frames.encode({"refused": raising.bounded(error)})
        except BaseException as error:
            return frames.encode({"raised": self.raised(error)})

    def raised(self, error: BaseException) -> dict[str, Any]:
        """Describes an exception, and whether it comes from a forbidden piece."""
        forbidden = type(error) is forbids.ForbiddenPiece
        return {**raising.raised(error, self.path), "forbidden": forbidden}


def serve(channel: socket.socket) -> None:
    """Answers requests until the other side closes the channel."""
    worker = Worker()

    def exactly(size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = channel.recv(min(size - len(data), 1 << 20))
            if not piece:
                os._exit(0)
            data += piece
        return bytes(data)

    while True:
        request = frames.decode(exactly(frames.payload_size(exactly(frames.HEADER.size))))
        channel.sendall(worker.answer(request))


# What the grader itself uses from `lib`, stored before any student code can change it.
ORIGINALS: dict[str, Any] = {}


def main() -> None:
    """Imports what every week needs, reports that it is ready, and serves."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    limits = json.loads(sys.argv[2])
    limit_this_process(limits)
    sys.path.extend(path for path in limits["paths"] if path not in sys.path)
    # It needs NumPy, which may only be on these paths and starts threads.
    global frames
    import frames  # pyright: ignore[reportMissingImports]

    # Before any other thread starts: it applies only to later threads.
    if not syscall_filter.install(network=limits["device"] != "cpu") and limits["needs_filter"]:
        channel.sendall(frames.encode({"fault": "the filter on system calls cannot be installed"}))
        return
    try:
        import jax
        import optax

        import lib

        if limits["device"] != "cpu":
            jax.config.update("jax_default_matmul_precision", "highest")
        if "FLAXLINGS_COMPILED" in os.environ:
            with contextlib.suppress(OSError):  # grading works without it
                lib.keep_compiled(os.environ["FLAXLINGS_COMPILED"])
        platform = jax.devices()[0].platform
        jax.numpy.zeros(()).block_until_ready()
        for package in (lib, optax):
            for name, value in vars(package).items():
                if not name.startswith("_"):
                    ORIGINALS[f"{package.__name__}.{name}"] = value
        ORIGINALS.update({"jax.jit": jax.jit, "jax.grad": jax.grad})
    except BaseException as error:
        text = f"{type(error).__name__}: {raising.bounded(error)}"
        channel.sendall(frames.encode({"fault": text}))
        return
    for fonts in pathlib.Path(HERE).parent.glob("fontlist-v*.json"):
        # Without this list, matplotlib reads every font of the machine, for seconds.
        os.makedirs(os.environ["MPLCONFIGDIR"], exist_ok=True)
        pathlib.Path(os.environ["MPLCONFIGDIR"], fonts.name).write_bytes(fonts.read_bytes())
    gc.freeze()  # what is imported stays, so the collector need not scan it again and again
    channel.sendall(frames.encode({"ready": platform, "jax": jax.__version__}))
    serve(channel)


if __name__ == "__main__":
    main()
