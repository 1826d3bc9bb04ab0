"""Python's own errors: each function is called `entry` or `entry__variant` and raises one."""

import csv
import errno
import math
import os
import urllib.request
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

import lib
from grader.worker.inside import stand_ins


class Counter:
    def __init__(self, start):
        start = start

    def total(self):
        return self.start

    def add():
        return 1

    def twice(x):
        return 2 * x


class Plain:
    def __int__(self, threshold):
        self.threshold = threshold

    def value(self):
        return 1


def mean(values):
    sum(values) / len(values)


def scale(values, factor):
    return [factor * value for value in values]


def name_unknown():
    losses = [0.5]
    return lossess[-1]


def name_unknown__of_another_function():
    return values_of_mean


def library_not_imported():
    return plt.zeros(3)


def library_not_imported__standard():
    return random.random()


def name_self():
    class Net:
        def area(width):
            return self.width * width

    return Net().area()


def name_of_a_constant():
    return true


def local_before_assignment():
    def count():
        total += 1
        return total

    return count()


def local_before_assignment__branch():
    def name(value):
        if value > 0:
            sign = "plus"
        return sign

    return name(-1)


def none_used():
    return mean([1.0, 2.0]) + 1


def none_used__attribute():
    return mean([1.0, 2.0]).shape


def none_used__item():
    return mean([1.0, 2.0])[0]


def none_used__unpacked():
    a, b = mean([1.0, 2.0])


def none_used__loop():
    for value in mean([1.0, 2.0]):
        print(value)


def none_used__call():
    return mean([1.0, 2.0])(3)


def none_used__length():
    return len([1].sort())


def metric_missing():
    logs = {"loss": 0.5}
    return logs.get("accuracy") > 0.9


def value_called():
    name = "loss"
    return name(3)


def value_called__number():
    factor = 2
    return factor(3 + 4)


def array_called():
    x = jnp.ones(3)
    return x(0)


def shape_called():
    x = jnp.ones((2, 3))
    return x.shape()


def shape_called__size():
    x = jnp.ones((2, 3))
    return x.size()


def module_called():
    return math(3)


def position_out_of_range():
    losses = [1, 2, 3]
    return losses[3]


def position_out_of_range__tuple():
    return jnp.ones((2, 2)).shape[2]


def pop_from_empty():
    return [].pop()


def unpack_count():
    a, b = (1, 2, 3)


def unpack_count__few():
    a, b, c = (1, 2)


def unpack_function():
    value, grads = jax.value_and_grad(lambda w: w**2)


def unpack_one_value():
    loss, accuracy = 0.5


def loop_over_number():
    for epoch in 10:
        print(epoch)


def method_misses_self():
    return Counter(0).add()


def method_misses_self__method_without_self_argument():
    return Counter(0).twice(3)


def class_for_object():
    return Plain.value()


def argument_missing():
    return scale([1.0])


def arguments_too_many():
    return scale([1.0], 2.0, 3.0)


def argument_unknown():
    return scale([1.0], facter=2.0)


def argument_twice():
    return scale([1.0], values=[2.0])


def constructor_misspelt():
    return Plain(0.9)


def attribute_of_self():
    return Counter(3).total()


def text_arithmetic():
    return "loss " + 3


def text_arithmetic__text_and_number_the_other_way():
    return 3 + "4"


def list_arithmetic():
    return [1, 2] - [3, 4]


def list_arithmetic__division():
    return [1, 2] / 2


def list_arithmetic__times_float():
    return [1, 2] * 0.5


def list_arithmetic__plus_number():
    return [1, 2] + 1


def dict_arithmetic():
    params = {"w": jnp.ones(3)}
    return params - 0.1 * params


def dict_arithmetic__minus():
    params = {"w": jnp.ones(3)}
    return params - params


def function_arithmetic():
    return mean * 2


def key_missing():
    logs = {"loss": 0.5}
    return logs["accuracy"]


def list_as_array():
    return [1, 2].shape


def list_as_array__mean():
    return [1, 2].mean()


def list_as_array__tuple_as_value():
    return (1.0, 2.0).mean()


def dict_attribute():
    params = {"w": 1.0}
    return params.w


def list_as_array__number_attribute():
    return (0.5).shape


def function_attribute():
    return mean.shape


def function_indexed():
    return mean[0]


def function_indexed__builtin():
    return len[0]


def class_indexed():
    return Plain[0]


def value_indexed():
    rate = 0.5
    return rate[0]


def attribute_unknown():
    return [1, 2].apend(3)


def attribute_of_module__attribute_unknown_module():
    return math.squareroot(2)


def position_not_whole():
    losses = [1, 2, 3]
    return losses[3 / 2]


def position_not_whole__range():
    return list(range(10 / 2))


def position_not_whole__slice():
    return [1, 2, 3][: 3 / 2]


def list_indexed_as_array():
    rows = [[1, 2], [3, 4]]
    return rows[0, 1]


def list_indexed_by_text():
    rows = [{"loss": 1}]
    return rows["loss"]


def divided_by_zero():
    return sum([]) / len([])


def calls_itself():
    def size(n):
        return size(n - 1)

    return size(3)


def package_missing():
    import sklearn_extra


def import_misspelt():
    from math import squareroot


def file_missing():
    return open("labels.csv")


def text_is_no_number():
    return float("label")


def text_is_no_number__text_not_a_number_whole():
    return int("3.5")


def assertion():
    x = jnp.ones(3)
    assert x.shape == (4,)


def iterator_empty():
    return next(iter([]))


def unhashable():
    return {[1, 2]: "a"}


def unhashable__array():
    return {jnp.ones(3)}


def changed_while_looping():
    counts = {"a": 1}
    for name in counts:
        counts[name + "b"] = 1


def types_compared():
    return "0.5" > 0.3


def generator_used_as_list():
    return map(float, ["1", "2"])[0]


def generator_used_as_list__generator_indexed_length():
    return len(zip([1], [2]))


def value_without_length():
    return len(3)


def item_cannot_be_assigned():
    shape = (1, 2)
    shape[0] = 3


def item_cannot_be_assigned__text_changed():
    name = "cat"
    name[0] = "b"


def bytes_for_text():
    return b"\x89PNG".startswith("\x89")


def text_arithmetic__bytes_for_text_added():
    return b"1" + "2"


def bytes_are_no_text():
    return b"\xff\xd8\xff\xe0".decode()


def zip_lengths():
    return list(zip([1, 2], [3], strict=True))


def no_such_item():
    return [1, 2].index(3)


def file_exists():
    os.mkdir("/tmp")


def folder_for_file():
    return open("/tmp")


def file_closed():
    with open(__file__) as file:
        rows = csv.reader(file)
    return list(rows)


def no_whole_picture():
    return Image.open(__file__)


def arguments_of_builtin():
    return max()


def reads_the_keyboard():
    return input("which?")


def object_called():
    return Plain()(3)


def loop_over_object():
    for value in Plain():
        print(value)


def types_in_calculation():
    return Plain() + 1


def tuple_attribute():
    return (1.0, 2.0).params


def arguments_of_builtin__len():
    return len()


def arguments_of_builtin__argument_missing_builtin_too_many():
    return float(1, 2)


def not_allowed_here():
    raise OSError(errno.EACCES, os.strerror(errno.EACCES), "/etc/week.txt")


def not_allowed_here__read_only():
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/week.txt")


def no_network():
    return urllib.request.urlopen("http://localhost:1")


def package_missing__used_later():
    # What `import pandas` gives in a worker.
    pandas = stand_ins.Missing("pandas", ModuleNotFoundError("No module named 'pandas'"))
    return pandas.read_csv("labels.csv")


def text_for_a_function():
    return lib.Dense(2, activation="relu").init(jax.random.key(0), jnp.ones((1, 3)))


def paths_joined():
    folder = "pictures"
    return folder / "cat.png"


def paths_joined__plus():
    return Path("pictures") + "/cat.png"


def power_written_as_xor():
    return (1.5 - 0.5) ^ 2


def power_written_as_xor__numpy():
    return np.ones(3) ^ 2


def power_written_as_xor__jax():
    return jnp.ones(3) ^ 2


def folder_that_is_a_file():
    return list(Path(__file__).iterdir())
