"""NumPy's errors: each function is called `entry` or `entry__variant` and raises one."""

import jax
import jax.numpy as jnp
import numpy as np


def shapes_do_not_fit__broadcast():
    return np.ones(3) + np.ones(4)


def shapes_do_not_fit__broadcast_assigned():
    x = np.zeros(3)
    x[:] = np.ones(4)


def shapes_multiplied__matrix_product():
    return np.ones((2, 3)) @ np.ones((4, 5))


def shapes_multiplied__matrix_product_dot():
    return np.dot(np.ones((2, 3)), np.ones((4, 5)))


def index_out_of_bounds():
    return np.ones(10)[10]


def single_number_indexed__gradient_of_both():
    slopes = jax.grad(lambda w, b: w * b, argnums=(0, 1))(2.0, 1.0)
    return slopes[0][0]


def indices_too_many():
    return np.ones((2, 2))[0, 0, 0]


def axis_out_of_bounds():
    return np.ones((2, 2)).sum(axis=2)


def axis_out_of_bounds__jax():
    return jnp.ones(2).sum(axis=1)


def read_only():
    x = np.asarray(jnp.ones(3))
    x[0] = 2


def integers_in_place():
    images = np.ones((2, 2), np.uint8)
    images /= 255


def integers_in_place__minus():
    images = np.ones((2, 2), np.uint8)
    images -= 0.5


def text_in_array():
    return np.array(["0.5", "0.25"]) * 2


def text_in_array__mean():
    return np.array(["0.5", "0.25"]).mean()


def text_in_array__jax():
    return jnp.asarray(np.array(["cat", "dog"]))


def rows_of_different_length():
    return np.array([[1, 2], [3]])


def rows_of_different_length__jax():
    return jnp.array([[1, 2], [3]])


def reshape_size():
    return np.ones(12).reshape(5, 2)


def reshape_size__jax():
    return jnp.ones(12).reshape(5, 2)


def joined_shapes():
    return np.concatenate([np.ones((2, 3)), np.ones((2, 4))])


def joined_shapes__axes():
    return np.concatenate([np.ones((2, 3)), np.ones(3)])


def joined_shapes__stack():
    return np.stack([np.ones(3), np.ones(4)])


def joined_shapes__jax():
    return jnp.concatenate([jnp.ones((2, 3)), jnp.ones((2, 4))])


def joined_shapes__jax_stack():
    return jnp.stack([jnp.ones(3), jnp.ones(4)])


def joined_numbers():
    return np.concatenate([np.float32(1), np.float32(2)])


def joined_numbers__jax():
    return jnp.concatenate([jnp.float32(1), jnp.float32(2)])


def joined_without_list():
    return np.concatenate(np.ones(2), np.ones(2))


def joined_numbers__joined_without_list_jax():
    return jnp.concatenate(jnp.ones(2), jnp.ones(2))


def element_is_no_number__sequence_into_element():
    x = np.zeros(3)
    x[0] = [1, 2]


def truth_of_array():
    if np.ones(3) > 0:
        return 1


def truth_of_array__jax():
    if jnp.ones(3) > 0:
        return 1


def truth_of_array__and():
    x = np.arange(5)
    return x[x > 1 and x < 4]


def numpy_alias_removed():
    return np.ones(3).astype(np.float)


def index_not_whole():
    return np.ones(3)[1.0]


def index_not_whole__array():
    return np.ones(3)[np.array([1.0, 2.0])]


def index_not_whole__jax():
    return jnp.ones(3)[1.0]


def index_not_whole__jax_array():
    return jnp.ones(3)[jnp.array([1.0])]


def mask_of_another_shape():
    return np.ones(3)[np.array([True, False])]


def mask_of_another_shape__mask_of_other_shape_jax():
    return jnp.ones(3)[jnp.array([True, False])]


def shape_without_brackets():
    return np.zeros(2, 3)


def shape_without_brackets__jax():
    return jnp.zeros(2, 3)


def array_method_of_lists():
    return np.ones(3).append(4)


def array_method_of_lists__method_of_lists_jax():
    return jnp.ones(3).append(4)


def at_of_numpy():
    return np.ones(3).at[0].set(1)


def one_number_needed():
    return float(np.ones(3))


def one_number_needed__jax():
    return float(jnp.ones(3))


def index_of_several():
    return [1, 2, 3][jnp.array([1, 2])]


def whole_number_too_large():
    return np.uint8(300)


def whole_number_too_large__array():
    return np.array([1, 300], np.uint8)


def single_number_indexed():
    return np.float32(3)[0]


def single_number_indexed__jax():
    return jnp.float32(3)[0]


def single_number_looped():
    for value in jnp.float32(3):
        print(value)


def single_number_looped__length():
    return len(np.array(3.0))


def transposed_axes():
    return np.ones((2, 3)).transpose(0, 2, 1)


def gradient_of_one_argument():
    slope, offset = jax.grad(lambda weight, bias: weight * bias)(1.0, 2.0)
    return slope + offset


def overflow():
    weight = 1e200
    return weight**2


def overflow__whole_number():
    return int(float("inf"))
