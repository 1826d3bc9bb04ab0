"""What replaces forbidden pieces in a worker, and what still works besides."""

import pytest

from grader.worker.supervisor import Worker

SOURCE = """
import collections, operator, types
import flax
import jax, jax.numpy as jnp, numpy as np
from flax import linen as nn
import lib
from lib import conv2d as mine

KEY = jax.random.key(0)
IMAGE, KERNEL = jnp.ones((1, 5, 5, 1)), jnp.ones((3, 3, 1, 1))

def reach(path):
    package, _, rest = path.partition(".")
    found = operator.attrgetter(rest)(__import__(package))
    return type(found).__name__

def own(): return type(mine).__name__
def late():
    import scipy.signal
    return type(scipy.signal.convolve2d).__name__
def flax_conv(): return nn.Conv(2, (3, 3)).init(KEY, IMAGE)["params"]["kernel"].shape
def lib_model(): return lib.fashion_cnn().init(KEY, jnp.ones((1, 28, 28, 1)))["params"]
def pool(): return nn.avg_pool(IMAGE, (2, 2)).shape
def raw(): return jax._src.lax.convolution.conv_general_dilated(jnp.ones((1, 1, 5, 5)), KERNEL.T,
                                                                (1, 1), "SAME").shape
def ordered(): return collections.OrderedDict(b=1, a=collections.defaultdict(list, c=2))
def proxy(): return types.MappingProxyType({"a": np.ones(2)})
def frozen(): return flax.core.freeze({"a": {"b": 1}})
class Mine(dict): pass
def subclass(): return Mine(a=1)
"""


@pytest.fixture(scope="module")
def ask():
    with Worker("process") as worker:
        message = {"do": "load", "name": "w", "file": "w.py", "source": SOURCE.encode()}
        assert worker.request(message, 30, 60) == {"value": None}

        def ask(name, *args, forbids=None):
            if forbids is not None:
                worker.request({"do": "task", "forbids": forbids}, 60, 90)
            message = {"do": "call", "name": name, "args": args, "kwargs": {}}
            reply = worker.request(message, 60, 90)
            assert "value" in reply, reply
            return reply["value"]

        yield ask


def test_copies_in_public_modules_are_replaced_and_come_back(ask):
    forbids = ["lib.conv2d", "jax.lax.conv_*", "jax.nn.one_hot", "scipy.signal.*"]
    paths = [
        "lib.conv2d",
        "lib.nn.layers.conv2d",
        "lib.nn.convolution.conv2d",
        "flax.linen.one_hot",
    ]
    paths += ["jax.lax.conv_general_dilated"]
    ask("own", forbids=forbids)
    assert [ask("reach", path) for path in paths] == ["Forbidden"] * len(paths)
    assert ask("own") == ask("late") == "Forbidden"
    assert "Forbidden" not in [ask("reach", path) for path in ("lib.max_pool", "jax.lax.dot")]
    assert ask("raw") == (1, 1, 5, 5)  # nothing changes inside the library
    assert ask("own", forbids=[]) == ask("late") == "function"
    assert [ask("reach", path) for path in paths] == ["function"] * len(paths)


def test_forbidding_a_piece_leaves_the_library_at_work(ask):
    assert ask("flax_conv", forbids=["jax.lax.conv", "lib.conv2d"]) == (3, 3, 1, 2)
    assert ask("pool", forbids=["lib.max_pool", "flax.linen.max_pool"]) == (1, 4, 4, 1)
    assert len(ask("lib_model", forbids=["lib.StopWhen", "lib.fit", "lib.summary"])) == 4


def test_mappings_cross_as_dicts(ask):
    assert ask("ordered", forbids=[]) == {"b": 1, "a": {"c": 2}}
    assert list(ask("proxy")) == ["a"] and ask("frozen") == {"a": {"b": 1}}
    assert type(ask("subclass")) is not dict
