"""Optax's errors: each function is called `entry` or `entry__variant` and raises one."""

import jax
import jax.numpy as jnp
import optax
from flax import linen as nn

import lib

PARAMS = {"w": jnp.ones(3)}
GRADS = {"w": jnp.ones(3)}
ADAM = optax.adam(0.1)
STATE = ADAM.init(PARAMS)


def _state():
    return lib.TrainState(
        step=jnp.zeros((), jnp.int32),
        params=PARAMS,
        opt_state=STATE,
        model=nn.Dense(1),
        optimizer=ADAM,
        loss=lib.squared_error,
    )


def loss(params):
    return (params["w"] ** 2).sum()


def update_without_state():
    return ADAM.update(GRADS)


def update_without_params():
    optimizer = optax.adamw(0.1)
    return optimizer.update(GRADS, optimizer.init(PARAMS))


def state_is_none():
    return ADAM.update(GRADS, None, PARAMS)


def state_of_another_optimizer():
    return ADAM.update(GRADS, PARAMS)


def update_trees():
    return ADAM.update({"v": jnp.ones(3)}, STATE)


def shapes_do_not_fit__state_of_other_params_shape():
    return ADAM.update({"w": jnp.ones(4)}, STATE)


def gradients_for_update():
    grads, value = jax.value_and_grad(loss)(PARAMS)
    return ADAM.update(grads, STATE)


def update_trees__value_for_gradients_pair():
    return ADAM.update(jax.value_and_grad(loss)(PARAMS), STATE)


def updates_and_state():
    updates = ADAM.update(GRADS, STATE)
    return optax.apply_updates(PARAMS, updates)


def updates_and_state__applied_to_state():
    updates, state = ADAM.update(GRADS, STATE)
    return optax.apply_updates(PARAMS, state)


def apply_updates_missing():
    return optax.apply_updates(PARAMS)


def apply_updates_trees():
    value, grads = jax.value_and_grad(loss)(PARAMS)
    return optax.apply_updates(PARAMS, value)


def optimizer_method():
    return ADAM.apply(GRADS, STATE)


def optimizer_method__step():
    return ADAM.step()


def optimizer_method__zero():
    return ADAM.zero_grad()


def optimizer_method__apply_gradients():
    return ADAM.apply_gradients(zip(GRADS, PARAMS))


def optimizer_method__minimize():
    return ADAM.minimize(loss, PARAMS)


def optimizer_not_made():
    return optax.adam.init(PARAMS)


def optimizer_without_rate():
    return optax.adam()


def optimizer_capital():
    return optax.Adam(0.1)


def optimizer_capital__sgd():
    return optax.SGD(0.1)


def optimizer_rate_name():
    return optax.adam(lr=0.1)


def optimizer_rate_name__params():
    return optax.sgd(PARAMS, lr=0.1)


def parameters_for_rate():
    optimizer = optax.sgd(PARAMS, 0.1)
    return optimizer.update(GRADS, optimizer.init(PARAMS))


def optimizer_is_text():
    return "adam".init(PARAMS)


def chain_of_list():
    return optax.chain([optax.clip(1.0), optax.adam(0.1)]).init(PARAMS)


def schedule_without_count():
    schedule = optax.linear_schedule(0.1, 0.0, 10)
    return schedule()


def schedule_arguments():
    return optax.cosine_decay_schedule(0.1)


def labels_not_whole():
    logits = jnp.ones((2, 3))
    one_hot = jnp.ones((2, 3))
    return optax.softmax_cross_entropy_with_integer_labels(logits, one_hot)


def labels_not_whole__float():
    return optax.softmax_cross_entropy_with_integer_labels(jnp.ones((2, 3)), jnp.ones(2))


def rows_and_columns__labels_not_rows():
    return optax.softmax_cross_entropy(jnp.ones((2, 3)), jnp.array([0, 1]))


def shapes_do_not_fit__labels_of_other_length():
    return optax.softmax_cross_entropy_with_integer_labels(jnp.ones((2, 3)), jnp.array([0, 1, 2]))


def labels_as_column():
    return optax.softmax_cross_entropy_with_integer_labels(jnp.ones((2, 3)), jnp.array([[0], [1]]))


def init_without_params():
    return ADAM.init()


def value_for_array__init_of_function():
    return ADAM.init(loss)


def gradients_for_update__gradients_not_a_tree():
    state = _state()
    return state.apply_gradients(jnp.ones(3))


def gradients_for_update__gradients_not_a_tree_value():
    state = _state()
    grads, value = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(grads)


def update_trees__gradients_not_a_tree_pair():
    state = _state()
    return state.apply_gradients(jax.value_and_grad(loss)(state.params))
