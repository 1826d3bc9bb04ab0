"""oneDNN's primitives: one computation each, for fixed shapes.

Pictures are (batch, height, width, channels) and kernels (height, width, channels, features), as
everywhere in this library. Strides describe these layouts to oneDNN, which chooses another layout
for kernels. Each primitive here works in one thread: the batch is divided instead.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Mapping
from typing import Any, NamedTuple

from lib.nn.onednn.library import Library, check

# The names of arguments, from oneDNN's dnnl_types.h.
SOURCE, TARGET, KERNEL, BIAS, WORKSPACE, SCRATCH = 1, 17, 33, 41, 64, 80
D_SOURCE, D_TARGET, D_KERNEL = 129, 145, 161

_FLOAT32, _ANY_LAYOUT = 3, 1
_TRAINING, _DIRECT, _MAX = 64, 1, 0x1FF
_RELU, _RELU_BY_TARGET = 0x20, 0x100
_NAME_OF_KIND = 8
# The queries for the layouts of a description.
_LAYOUTS = {KERNEL: 131, D_KERNEL: 132, WORKSPACE: 135, SCRATCH: 136}


class Convolution(NamedTuple):
    """The shapes of a convolution.

    Attributes:
      batch: the number of pictures.
      height: height of a picture in pixels.
      width: width of a picture in pixels.
      channels: channels of a picture.
      kernel: height and width of the kernel.
      features: channels of the output.
      strides: steps down and across.
      pads: rows and columns of zeros: top, bottom, left, right.
    """

    batch: int
    height: int
    width: int
    channels: int
    kernel: tuple[int, int]
    features: int
    strides: tuple[int, int]
    pads: tuple[int, int, int, int]

    @property
    def output(self) -> tuple[int, int, int, int]:
        """Batch, height, width and features of the output."""
        top, bottom, left, right = self.pads
        height = (self.height + top + bottom - self.kernel[0]) // self.strides[0] + 1
        width = (self.width + left + right - self.kernel[1]) // self.strides[1] + 1
        return self.batch, height, width, self.features

    @property
    def pictures(self) -> tuple[int, int, int, int]:
        """Batch, height, width and channels of the input."""
        return self.batch, self.height, self.width, self.channels


class Primitive:
    """A primitive with the memory objects of its arguments, for one thread at a time.

    Attributes:
      scratch_bytes: the memory that it needs besides its arguments.
      kernel_bytes: size of the kernel, or its gradient, in the primitive's layout; 0 without one.
      kind: the name of its implementation in oneDNN.
    """

    def __init__(self, maker: _Maker, description: Any, layouts: Mapping[int, Any]) -> None:
        self._library = library = maker.library
        scratch = maker.layout_of(description, SCRATCH)
        self.scratch_bytes = library.briefly.dnnl_memory_desc_get_size(scratch)
        if self.scratch_bytes:
            layouts = {**layouts, SCRATCH: scratch}
        kernel = layouts.get(KERNEL, layouts.get(D_KERNEL))
        self.kernel_bytes = library.briefly.dnnl_memory_desc_get_size(kernel) if kernel else 0
        text = ctypes.c_char_p()
        query = library.briefly.dnnl_primitive_desc_query
        check(query(description, _NAME_OF_KIND, 0, ctypes.byref(text)), "primitive_desc_query")
        self.kind = (text.value or b"").decode()
        self._primitive = library.new("primitive_create", description)
        self._memories = {
            name: library.new("memory_create", layout, library.engine, None)
            for name, layout in layouts.items()
        }
        self._arguments = (_Argument * len(layouts))(*self._memories.items())

    def run(self, stream: Any, addresses: Mapping[int, int]) -> None:
        """Computes.

        Args:
          stream: the stream of this thread.
          addresses: the address of every argument, by its name.

        Raises:
          OneDnnError: if it fails.
        """
        put = self._library.briefly.dnnl_memory_set_data_handle
        for name, address in addresses.items():
            put(self._memories[name], address)
        execute = self._library.freely.dnnl_primitive_execute
        status = execute(self._primitive, stream, len(self._arguments), self._arguments)
        check(status, "primitive_execute")

    def destroy(self) -> None:
        """Frees its memory; it cannot be used afterwards."""
        for memory in self._memories.values():
            self._library.briefly.dnnl_memory_destroy(memory)
        self._library.briefly.dnnl_primitive_destroy(self._primitive)


class _Argument(ctypes.Structure):
    _fields_ = (("name", ctypes.c_int), ("memory", ctypes.c_void_p))


class _Maker(contextlib.ExitStack):
    """Describes primitives; destroys at the end what only their creation needs."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library

    def new(self, kind: str, function: str, *arguments: Any) -> Any:
        made = self.library.new(function, *arguments)
        self.callback(getattr(self.library.briefly, f"dnnl_{kind}_destroy"), made)
        return made

    def images(self, shape: tuple[int, int, int, int]) -> Any:
        batch, height, width, channels = shape
        strides = _numbers(height * width * channels, 1, width * channels, channels)
        edges = _numbers(batch, channels, height, width)
        function = "memory_desc_create_with_strides"
        return self.new("memory_desc", function, 4, edges, _FLOAT32, strides)

    def kernel(self, shape: Convolution, own: bool = False) -> Any:
        """The layout of a kernel, in this library's order of axes or in oneDNN's `own`."""
        height, width = shape.kernel
        edges = _numbers(shape.features, shape.channels, height, width)
        if own:
            function = "memory_desc_create_with_tag"
            return self.new("memory_desc", function, 4, edges, _FLOAT32, _ANY_LAYOUT)
        step = shape.channels * shape.features
        strides = _numbers(1, shape.features, width * step, step)
        function = "memory_desc_create_with_strides"
        return self.new("memory_desc", function, 4, edges, _FLOAT32, strides)

    def bias(self, shape: Convolution) -> Any:
        function, edge = "memory_desc_create_with_strides", _numbers(shape.features)
        return self.new("memory_desc", function, 1, edge, _FLOAT32, _numbers(1))

    def attributes(self, relu: bool = False, add: bool = False) -> Any:
        made = self.new("primitive_attr", "primitive_attr_create")
        check(self.library.briefly.dnnl_primitive_attr_set_scratchpad_mode(made, 1), "attributes")
        if relu or add:
            after = self.new("post_ops", "post_ops_create")
            one, zero = ctypes.c_float(1), ctypes.c_float(0)
            if add:
                check(self.library.briefly.dnnl_post_ops_append_sum(after, one, 0, 0), "sum")
            if relu:
                append = self.library.briefly.dnnl_post_ops_append_eltwise
                check(append(after, _RELU, zero, zero), "ReLU")
            check(self.library.briefly.dnnl_primitive_attr_set_post_ops(made, after), "post_ops")
        return made

    def description(self, kind: str, *arguments: Any) -> Any:
        function = f"{kind}_primitive_desc_create"
        return self.new("primitive_desc", function, self.library.engine, *arguments)

    def layout_of(self, description: Any, name: int) -> Any:
        query = self.library.briefly.dnnl_primitive_desc_query_md
        return ctypes.c_void_p(query(description, _LAYOUTS[name], 0))

    def forward(self, shape: Convolution, bias: bool = False, relu: bool = False) -> Any:
        arrays = (
            self.images(shape.pictures),
            self.kernel(shape, own=True),
            self.bias(shape) if bias else None,
            self.images(shape.output),
        )
        last = self.attributes(relu)
        return self.description(
            "convolution_forward", _TRAINING, _DIRECT, *arrays, *_places(shape), last
        )

    def pooling(self, shape: tuple[int, int, int, int], window: int) -> Any:
        batch, height, width, channels = shape
        pooled = self.images((batch, height // window, width // window, channels))
        arrays = self.images(shape), pooled
        return self.description(
            "pooling_forward", _TRAINING, _MAX, *arrays, *_windows(window), self.attributes()
        )

    def reorder(self, source: Any, target: Any, add: bool = False) -> Primitive:
        engine = self.library.engine
        made = self.new(
            *("primitive_desc", "reorder_primitive_desc_create"),
            *(source, engine, target, engine, self.attributes(add=add)),
        )
        return Primitive(self, made, {SOURCE: source, TARGET: target})


def _numbers(*values: int) -> Any:
    return (ctypes.c_int64 * len(values))(*values)


def _places(shape: Convolution) -> tuple[Any, ...]:
    """Strides, dilations and pads in the form for oneDNN."""
    top, bottom, left, right = shape.pads
    return _numbers(*shape.strides), _numbers(0, 0), _numbers(top, left), _numbers(bottom, right)


def _windows(window: int) -> tuple[Any, ...]:
    edge, zero = _numbers(window, window), _numbers(0, 0)
    return edge, edge, zero, zero, zero


def forward(library: Library, shape: Convolution, bias: bool, relu: bool) -> list[Primitive]:
    """A convolution, with bias and ReLU if requested, and the reordering of its kernel.

    Arguments: SOURCE, KERNEL, BIAS, TARGET; for the second, SOURCE and TARGET.
    """
    with _Maker(library) as maker:
        made = maker.forward(shape, bias, relu)
        own = maker.layout_of(made, KERNEL)
        layouts = {
            SOURCE: maker.images(shape.pictures),
            KERNEL: own,
            TARGET: maker.images(shape.output),
        }
        if bias:
            layouts[BIAS] = maker.bias(shape)
        return [Primitive(maker, made, layouts), maker.reorder(maker.kernel(shape), own)]


def picture_gradient(library: Library, shape: Convolution) -> list[Primitive]:
    """The gradient of a convolution's pictures, and the reordering of its kernel.

    Arguments: D_TARGET, KERNEL, D_SOURCE; for the second, SOURCE and TARGET.
    """
    with _Maker(library) as maker:
        arrays = (
            maker.images(shape.pictures),
            maker.kernel(shape, own=True),
            maker.images(shape.output),
        )
        last = maker.forward(shape), maker.attributes()
        made = maker.description(
            "convolution_backward_data", _DIRECT, *arrays, *_places(shape), *last
        )
        own = maker.layout_of(made, KERNEL)
        layouts = {D_SOURCE: arrays[0], KERNEL: own, D_TARGET: arrays[2]}
        return [Primitive(maker, made, layouts), maker.reorder(maker.kernel(shape), own)]


def kernel_gradient(library: Library, shape: Convolution) -> list[Primitive]:
    """The gradient of a convolution's kernel, and its addition to a sum.

    Arguments: SOURCE, D_TARGET, D_KERNEL; for the second, SOURCE and TARGET.
    """
    with _Maker(library) as maker:
        arrays = (
            maker.images(shape.pictures),
            maker.kernel(shape, own=True),
            None,  # bias
            maker.images(shape.output),
        )
        last = maker.forward(shape), maker.attributes()
        made = maker.description(
            "convolution_backward_weights", _DIRECT, *arrays, *_places(shape), *last
        )
        own = maker.layout_of(made, D_KERNEL)
        layouts = {SOURCE: arrays[0], D_KERNEL: own, D_TARGET: arrays[3]}
        adding = maker.reorder(own, maker.kernel(shape), add=True)
        return [Primitive(maker, made, layouts), adding]


def max_pooling(library: Library, shape: tuple[int, int, int, int], window: int) -> list[Primitive]:
    """The largest value of each window, and its position: one byte each.

    Arguments: SOURCE, TARGET, WORKSPACE.
    """
    with _Maker(library) as maker:
        made = maker.pooling(shape, window)
        batch, height, width, channels = shape
        pooled = maker.images((batch, height // window, width // window, channels))
        places = maker.layout_of(made, WORKSPACE)
        layouts = {SOURCE: maker.images(shape), TARGET: pooled, WORKSPACE: places}
        return [Primitive(maker, made, layouts)]


def max_pooling_gradient(
    library: Library, shape: tuple[int, int, int, int], window: int
) -> list[Primitive]:
    """The reverse of `max_pooling`: puts each gradient at the largest value's position.

    Arguments: D_TARGET, WORKSPACE, D_SOURCE.
    """
    with _Maker(library) as maker:
        hint = maker.pooling(shape, window)
        batch, height, width, channels = shape
        pooled = maker.images((batch, height // window, width // window, channels))
        whole, last = maker.images(shape), maker.attributes()
        made = maker.description(
            "pooling_backward", _MAX, whole, pooled, *_windows(window), hint, last
        )
        layouts = {
            D_SOURCE: whole,
            D_TARGET: pooled,
            WORKSPACE: maker.layout_of(made, WORKSPACE),
        }
        return [Primitive(maker, made, layouts)]


def relu_gradient(library: Library, shape: tuple[int, int, int, int]) -> list[Primitive]:
    """The gradient where ReLU's output is above 0, else 0.

    Arguments: TARGET, D_TARGET, D_SOURCE.
    """
    with _Maker(library) as maker:
        array, zero = maker.images(shape), ctypes.c_float(0)
        ways = _RELU_BY_TARGET, array
        hint = maker.description(
            "eltwise_forward", _TRAINING, *ways, array, zero, zero, maker.attributes()
        )
        made = maker.description(
            *("eltwise_backward", *ways, array, array, zero, zero, hint, maker.attributes())
        )
        return [Primitive(maker, made, {TARGET: array, D_TARGET: array, D_SOURCE: array})]
