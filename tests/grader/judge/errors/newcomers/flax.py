"""Flax's errors: each function is called `entry` or `entry__variant` and raises one."""

import jax
import jax.numpy as jnp
from flax import linen as nn

import lib

KEY = jax.random.key(0)
X = jnp.ones((2, 3))


class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(4, name="dense")(x)


class Deep(nn.Module):
    def setup(self):
        self.dense = nn.Dense(4)

    def __call__(self, x):
        return self.dense(x)


class Normed(nn.Module):
    @nn.compact
    def __call__(self, x, train=False):
        return nn.BatchNorm(use_running_average=not train)(x)


class Dropping(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dropout(0.5, deterministic=False)(x)


VARIABLES = {"params": {"dense": {"kernel": jnp.ones((3, 4)), "bias": jnp.ones(4)}}}
PARAMS = VARIABLES["params"]


def params_bare():
    return Net().apply(PARAMS, X)


def params_bare__sequential():
    return nn.Sequential([nn.Dense(4)]).apply({"layers_0": {"kernel": X, "bias": X}}, X)


def params_bare__of_a_layer():
    return nn.Dense(4).apply({"kernel": jnp.ones((3, 4)), "bias": jnp.ones(4)}, X)


def params_twice():
    return Net().apply({"params": VARIABLES}, X)


def params_of_another_net():
    return Net().apply({"params": {"Dense_0": PARAMS["dense"]}}, X)


def params_of_another_net__flat():
    return Net().apply({"params": {"dense": {"weight": X}}}, X)


def params_of_another_shape():
    return Net().apply(VARIABLES, jnp.ones((2, 5)))


def apply_first_argument():
    return Net().apply(X, VARIABLES)


def apply_first_argument__apply_without_params():
    return Net().apply(X)


def apply_first_argument__apply_list():
    return Net().apply([PARAMS], X)


def model_called():
    return Net()(X)


def model_called__layer():
    return nn.Dense(4)(X)


def setup_outside():
    return Deep().dense


def setup_outside__called():
    return Deep()(X)


def constructor_own():
    class Mine(nn.Module):
        def __init__(self, units):
            super().__init__()
            self.units = units

        @nn.compact
        def __call__(self, x):
            return nn.Dense(self.units)(x)

    return Mine(4).init(KEY, X)


def constructor_own__layers():
    class Mine(nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(4)

        def __call__(self, x):
            return self.dense(x)

    return Mine().init(KEY, X)


def constructor_own__no_super():
    class Mine(nn.Module):
        def __init__(self):
            self.dense = nn.Dense(4)

        def __call__(self, x):
            return self.dense(x)

    return Mine().init(KEY, X)


def constructor_own__no_super_compact():
    class Mine(nn.Module):
        def __init__(self, units):
            self.units = units

        @nn.compact
        def __call__(self, x):
            return nn.Dense(self.units)(x)

    return Mine(4).init(KEY, X)


def compact_missing():
    class Mine(nn.Module):
        def __call__(self, x):
            return nn.Dense(4)(x)

    return Mine().init(KEY, X)


def compact_missing__param():
    class Mine(nn.Module):
        def __call__(self, x):
            w = self.param("w", nn.initializers.ones, (3,))
            return x * w

    return Mine().init(KEY, X)


def call_missing():
    class Mine(nn.Module):
        @nn.compact
        def forward(self, x):
            return nn.Dense(4)(x)

    return Mine().init(KEY, X)


def call_missing__misspelt():
    class Mine(nn.Module):
        @nn.compact
        def _call_(self, x):
            return nn.Dense(4)(x)

    return Mine().init(KEY, X)


def collection_immutable():
    variables = {"params": {"BatchNorm_0": {"scale": jnp.ones(3), "bias": jnp.ones(3)}}}
    variables["batch_stats"] = {"BatchNorm_0": {"mean": jnp.ones(3), "var": jnp.ones(3)}}
    return Normed().apply(variables, X, train=True)


def collection_missing():
    params = {"BatchNorm_0": {"scale": jnp.ones(3), "bias": jnp.ones(3)}}
    return Normed().apply({"params": params}, X)


def random_key_missing():
    return Dropping().apply({}, X)


def dropout_undecided():
    return nn.Dropout(0.5).apply({}, X)


def dropout_undecided__normalization_undecided():
    return nn.BatchNorm().init(KEY, X)


def init_key():
    return Net().init(X)


def init_key__init_without_key_order():
    return Net().init(X, KEY)


def init_key__init_without_key_number():
    return Net().init(0, X)


def init_without_input():
    return Net().init(KEY)


def assigned_in_call():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            self.hidden = nn.relu(x)
            return self.hidden

    return Mine().init(KEY, X)


def assigned_in_call__layer():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            self.dense = nn.Dense(4)
            return self.dense(x)

    return Mine().init(KEY, X)


def class_for_model():
    return Net.init(KEY, X)


def class_for_model__apply():
    return Net.apply(VARIABLES, X)


def name_twice():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = nn.Dense(4, name="dense")(x)
            return nn.Dense(4, name="dense")(x)

    return Mine().apply(VARIABLES, X)


def constructor_argument():
    class Mine(nn.Module):
        units = 4

        @nn.compact
        def __call__(self, x):
            return nn.Dense(self.units)(x)

    return Mine(units=8)


def constructor_arguments_too_many():
    class Mine(nn.Module):
        units = 4

        @nn.compact
        def __call__(self, x):
            return nn.Dense(self.units)(x)

    return Mine(8).init(KEY, X)


def field_order():
    class Mine(nn.Module):
        units: int = 4
        classes: int

    return Mine()


def field_list():
    class Mine(nn.Module):
        units: list = [4, 5]

    return Mine()


def argument_missing__layer_without_size():
    return nn.Dense()(X)


def argument_missing__kernel_size_missing():
    return nn.Conv(4).init(KEY, jnp.ones((1, 8, 8, 1)))


def window_is_number():
    return nn.max_pool(jnp.ones((1, 8, 8, 1)), 2)


def window_is_number__window_number_strides():
    return nn.max_pool(jnp.ones((1, 8, 8, 1)), (2, 2), 2)


def sequential_without_list():
    return nn.Sequential(nn.Dense(4), nn.Dense(5))


def sequential_without_list__sequential_list_init():
    return nn.Sequential(nn.Dense(4)).init(KEY, X)


def params_key_missing():
    return PARAMS["params"]


def parameter_initializer():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            return x * self.param("w", jnp.ones((3,)))

    return Mine().init(KEY, X)


def class_in_sequential():
    return nn.Sequential([lib.Flatten, lib.Dense(4)]).init(KEY, X)


def class_in_sequential__with_fields():
    return nn.Sequential([lib.Flatten(), nn.Dense, lib.Dense(4)]).init(KEY, X)


def class_in_sequential__without_numbers():
    return nn.Sequential([lib.MaxPool, lib.Flatten(), lib.Dense(4)]).init(KEY, X)


def flatten_of_array():
    return lib.Flatten(X)


def layer_not_called():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(4)

    return Mine().apply(VARIABLES, X) * 2


def call_missing__setup_called_call():
    class Mine(nn.Module):
        def setup(self):
            self.dense = nn.Dense(4)

    return Mine().init(KEY, X)


def setup_not_defined():
    class Mine(nn.Module):
        def setup(self):
            dense = nn.Dense(4)

        def __call__(self, x):
            return self.dense(x)

    return Mine().init(KEY, X)


def call_without_mode():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x, train):
            return nn.Dropout(0.5, deterministic=not train)(x)

    return Mine().init(KEY, X)


def setup_not_defined__field_of_self():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(self.units)(x)

    return Mine().init(KEY, X)
