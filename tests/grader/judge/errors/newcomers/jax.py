"""JAX's errors: each function is called `entry` or `entry__variant` and raises one."""

import math

import jax
import jax.numpy as jnp
import numpy as np

KEY = jax.random.key(0)
X = jnp.arange(3.0)


def loss(w, x):
    return ((w * x) ** 2).mean()


def item_assignment():
    x = jnp.zeros(3)
    x[0] = 1


def item_assignment__added():
    x = jnp.zeros(3)
    x[0] += 1


def item_assignment__traced():
    def change(x):
        x[0] = 1
        return x

    return jax.jit(change)(X)


def at_assigned():
    x = jnp.zeros(3)
    x.at[-1] = 5


def at_called():
    x = jnp.zeros(3)
    return x.at[-1](5)


def at_called__without_brackets():
    x = jnp.zeros(3)
    return x.at(-1).set(5)


def at_unfinished():
    x = jnp.zeros(3)
    return x.at[-1] + 5


def at_unfinished__passed_on():
    x = jnp.zeros(3)
    return jnp.sum(x.at[-1])


def at_misspelt():
    x = jnp.zeros(3)
    return x.at[-1].sett(5)


def at_misspelt__set_forgotten_brackets():
    x = jnp.zeros(3)
    return x.at.set(5)


def traced_if():
    @jax.jit
    def relu(x):
        if x > 0:
            return x
        return 0.0

    return relu(1.0)


def traced_if__in_grad():
    def relu(x):
        return x if x > 0 else 0.0

    return jax.grad(jax.jit(relu))(1.0)


def traced_if__and():
    return jax.jit(lambda x: (x > 0) and (x < 1))(0.5)


def traced_while():
    @jax.jit
    def halve(x):
        while x > 1:
            x = x / 2
        return x

    return halve(8.0)


def traced_maximum():
    @jax.jit
    def relu(x):
        return max(x, 0.0)

    return relu(1.0)


def traced_maximum__sorted():
    @jax.jit
    def middle(a, b, c):
        return sorted([a, b, c])[1]

    return middle(1.0, 2.0, 3.0)


def traced_number():
    @jax.jit
    def mean(x):
        return float(x.mean())

    return mean(X)


def traced_number__int():
    return jax.jit(lambda x: int(x))(1.0)


def traced_number__in_grad():
    return jax.grad(jax.jit(lambda x: float(x) ** 2))(1.0)


def traced_number__tolist():
    return jax.jit(lambda x: x.tolist())(X)


def traced_number__item():
    return jax.jit(lambda x: x.sum().item())(X)


def traced_shape():
    return jax.jit(lambda n: jnp.zeros(n))(3)


def traced_shape__tuple():
    return jax.jit(lambda n: jnp.zeros((n, 2)))(3)


def traced_shape__arange():
    return jax.jit(lambda n: jnp.arange(n))(3)


def traced_shape__reshape():
    return jax.jit(lambda x, n: x.reshape(n, -1))(X, 3)


def traced_shape__eye():
    return jax.jit(lambda n: jnp.eye(n))(3)


def traced_shape__one_hot():
    return jax.jit(lambda labels, n: jax.nn.one_hot(labels, n))(jnp.array([1, 2]), 3)


def traced_index():
    names = ["a", "b"]
    return jax.jit(lambda i: names[i])(1)


def traced_index__range():
    return jax.jit(lambda n: sum(range(n)))(3)


def traced_slice():
    return jax.jit(lambda x, n: x[:n])(X, 2)


def traced_numpy():
    return jax.jit(lambda x: np.sum(np.exp(x)))(X)


def traced_numpy__asarray():
    return jax.jit(lambda x: np.asarray(x))(X)


def element_is_no_number():
    def put(x):
        out = np.zeros(3)
        out[0] = x[0]
        return out

    return jax.jit(put)(X)


def traced_mask():
    return jax.jit(lambda x: x[x > 1])(X)


def traced_count():
    return jax.jit(lambda x: jnp.nonzero(x))(X)


def traced_count__unique():
    return jax.jit(lambda x: jnp.unique(x))(X)


def traced_count__where():
    return jax.jit(lambda x: jnp.where(x > 1))(X)


def traced_value_kept():
    kept = []

    @jax.jit
    def step(x):
        kept.append(x * 2)
        return x

    step(X)
    return kept[0] + 1


def key_first():
    return jax.random.normal((3,))


def key_first__key_order():
    return jax.random.normal(3, KEY)


def key_first__key_order_shape():
    return jax.random.normal((3,), KEY)


def key_first__key_order_uniform():
    return jax.random.uniform((2, 2), KEY)


def key_first__key_is_number():
    return jax.random.normal(0, (3,))


def key_first__key_is_number_split():
    return jax.random.split(0)


def keys_many():
    return jax.random.normal(jax.random.split(KEY, 4), (3,))


def key_without_seed():
    return jax.random.key()


def key_without_seed__old():
    return jax.random.PRNGKey()


def key_calculated_with():
    return KEY + 1


def key_method():
    return KEY.split()


def keys_unpacked():
    a, b, c = jax.random.split(KEY)


def key_reused():
    with jax.debug_key_reuse(True):
        return jax.random.normal(KEY) + jax.random.normal(KEY)


def random_name():
    return jax.random.seed(0)


def random_name__rand():
    return jax.random.rand(3)


def buffer_deleted():
    step = jax.jit(lambda x: x + 1, donate_argnums=0)
    x = jnp.ones(3)
    step(x)
    return x + 1


def buffer_deleted__by_hand():
    x = jnp.ones(3)
    x.delete()
    return x + 1


def gradient_of_many():
    return jax.grad(lambda w: w * X)(2.0)


def gradient_of_many__value():
    return jax.value_and_grad(lambda w: (w - X) ** 2)(X)


def gradient_of_several():
    return jax.grad(lambda w: (w**2, w))(2.0)


def gradient_of_several__gradient_of_pair_value():
    return jax.value_and_grad(lambda w: ((w * X).sum(), X))(2.0)


def gradient_of_the_first_alone():
    gradients = jax.grad(loss)(2.0, X)
    return 2.0 - 0.1 * gradients[0]


def gradient_of_the_first_alone__value():
    value, slopes = jax.value_and_grad(loss)(2.0, X)
    return value, slopes[1]


def gradient_of_the_first_alone__made_before():
    slope = jax.grad(loss)
    both = slope(2.0, X)
    return both[0]


def gradient_of_the_first_alone__at_once():
    return jax.grad(loss)(2.0, X)[0]


def gradient_of_nothing():
    def f(w):
        w**2

    return jax.grad(f)(2.0)


def gradient_by_integers():
    return jax.grad(lambda w: w**2)(3)


def gradient_by_integers__images():
    def f(images, w):
        return (images * w).mean()

    return jax.grad(f)(jnp.ones((2, 2), jnp.uint8), 2.0)


def jit_argument__gradient_by_text():
    return jax.grad(lambda name, w: w**2)("w", 2.0)


def gradient_aux():
    return jax.value_and_grad(lambda w: w**2, has_aux=True)(2.0)


def gradient_argnums():
    return jax.grad(loss, X)(2.0, X)


def gradient_argnums__dict():
    return jax.grad(loss, {"w": X})(2.0, X)


def gradient_argnums_beyond():
    return jax.grad(loss, argnums=2)(2.0, X)


def function_expected():
    return jax.grad(loss(2.0, X))(2.0)


def function_expected__jit_of_value():
    return jax.jit(loss(2.0, X))


def jit_argument():
    return jax.jit(lambda x, mode: x)(X, "train")


def jit_argument__function():
    return jax.jit(lambda f, x: f(x))(jnp.sin, X)


def jit_of_method():
    class Trainer:
        @jax.jit
        def step(self, x):
            return x

    return Trainer().step(X)


def jit_result():
    return jax.jit(lambda x: "done")(X)


def jit_result__function():
    return jax.jit(lambda x: lambda y: y)(X)


def static_unhashable():
    return jax.jit(lambda x, shape: jnp.zeros(shape), static_argnums=1)(X, [2, 3])


def static_unhashable__array():
    return jax.jit(lambda x, shape: jnp.zeros(3), static_argnums=1)(X, X)


def vmap_sizes():
    return jax.vmap(lambda a, b: a + b)(jnp.ones(3), jnp.ones(4))


def vmap_axis():
    return jax.vmap(lambda x, factor: x * factor)(X, 2.0)


def vmap_axis__vmap_of_number_array():
    return jax.vmap(lambda x: x)(jnp.float32(2))


def vmap_axes_count():
    return jax.vmap(lambda a, b: a + b, in_axes=(0,))(X, X)


def vmap_axis__vmap_axis_beyond():
    return jax.vmap(lambda a: a, in_axes=1)(X)


def scan_not_a_pair():
    return jax.lax.scan(lambda total, x: total + x, 0.0, X)


def loop_carry__scan_carry_shape():
    return jax.lax.scan(lambda total, x: (jnp.append(total, x), x), jnp.zeros(1), X)


def loop_carry__scan_carry_structure():
    return jax.lax.scan(lambda total, x: ((total, x), x), 0.0, X)


def loop_arguments():
    return jax.lax.fori_loop(0, 3, lambda x: x / 2, 1.0)


def loop_condition():
    return jax.lax.while_loop(lambda x: x, lambda x: x + 0.5, 1.0)


def branches_differ():
    return jax.lax.cond(True, lambda x: x, lambda x: x > 0, 1.0)


def branches_differ__structure():
    return jax.lax.cond(True, lambda x: (x, x), lambda x: x, 1.0)


def shapes_do_not_fit():
    return jnp.ones(3) + jnp.ones(4)


def shapes_do_not_fit__shapes_added_matrix():
    return jnp.ones((2, 3)) * jnp.ones((3, 2))


def shapes_do_not_fit__shapes_added_where():
    return jnp.where(jnp.ones(3) > 0, jnp.ones(4), 0)


def rows_and_columns():
    return jnp.ones(5) - jnp.ones((5, 10))


def rows_and_columns__times():
    return jnp.ones((5, 10)) * jnp.ones(5)


def rows_and_columns__labels_times_before_the_sum():
    logits, labels = jnp.ones((5, 10)), jnp.ones(5)
    return -jnp.sum(logits * labels, axis=1)


def rows_and_columns__labels_times_in_the_sum():
    logits, labels = jnp.ones((5, 10)), jnp.ones(5)
    return logits - jnp.sum(logits * labels, axis=1)


def rows_and_columns__along_the_first_axis():
    logits = jnp.ones((5, 10))
    return logits - logits.T.max(axis=0)


def axis_dropped():
    logits = jnp.ones((5, 10))
    return logits - logits.max(axis=1)


def axis_dropped__of_jnp():
    logits = jnp.ones((5, 10))
    return jnp.exp(logits - jnp.max(logits, axis=-1))


def axis_dropped__log_of_sum():
    logits = jnp.ones((5, 10))
    return logits - jnp.log(jnp.exp(logits).sum(axis=1))


def axis_dropped__numpy():
    logits = np.ones((5, 10))
    return np.exp(logits) / np.sum(np.exp(logits), axis=1)


def shapes_multiplied():
    return jnp.ones((2, 3)) @ jnp.ones((2, 3))


def shapes_multiplied__dot():
    return jnp.dot(jnp.ones((2, 3)), jnp.ones(4))


def shapes_multiplied__number():
    return jnp.ones((2, 3)) @ 2.0


def shapes_do_not_fit__broadcast_to():
    return jnp.broadcast_to(jnp.ones(3), (2, 4))


def indices_too_many():
    return jnp.ones((2, 2))[0, 0, 0]


def list_as_index():
    return X[[0, 1]]


def value_for_array():
    return jnp.sum([1.0, 2.0])


def value_for_array__list_for_array_mean():
    return jnp.mean([jnp.float32(1), jnp.float32(2)])


def value_for_array__list_for_array_exp():
    return jnp.exp([1.0, 2.0])


def value_for_array__none_for_array():
    return jnp.exp(None)


def value_for_array__none_for_array_sum():
    return jnp.sum(None)


def value_for_array__dict_for_array():
    return jnp.exp({"w": X})


def list_arithmetic__list_and_array():
    return X + [1.0, 2.0, 3.0]


def trees_differ():
    return jax.tree.map(lambda p, g: p - g, {"w": X}, {"v": X})


def trees_differ__none():
    return jax.tree.map(lambda p, g: p - g, {"w": X}, None)


def trees_differ__number():
    return jax.tree.map(lambda p, g: p - g, {"w": X}, 0.1)


def trees_differ__lists():
    return jax.tree.map(lambda p, g: p - g, [X, X], [X])


def removed_from_jax():
    return jax.tree_map(lambda p: p, X)


def removed_from_jax__removed_name_ops():
    return jax.ops.index_update(X, 0, 1)


def attribute_of_module():
    return jnp.concatenat([X, X])


def activation_of_jnp__name_of_jax_numpy_other():
    return jnp.softmax(X)


def convolution_channels():
    return jax.lax.conv(jnp.ones((1, 3, 8, 8)), jnp.ones((4, 1, 3, 3)), (1, 1), "SAME")


def padding_unknown():
    return jax.lax.conv(jnp.ones((1, 1, 8, 8)), jnp.ones((4, 1, 3, 3)), (1, 1), "FULL")


def slice_sizes():
    return jax.lax.dynamic_slice(X, (0, 0), (2,))


def slice_sizes__slice_size_larger():
    return jax.lax.dynamic_slice(X, (0,), (5,))


def whole_number_too_large():
    return jnp.uint8(300)


def out_argument():
    return jnp.add(X, X, out=X)


def array_too_large():
    return jnp.zeros((10**6, 10**6, 100))


def dtype_is_array():
    return jnp.asarray(X, X)


def power_of_integers():
    return jnp.array([1, 2]) ** -1


def loop_over_number__axis_not_whole():
    return jnp.sum(X, axis=0.5)


def loop_over_number__random_shape():
    return jax.random.normal(KEY, 3.0)


def random_arguments():
    return jax.random.randint(KEY, (3,))


def random_arguments__random_permutation():
    return jax.random.permutation(X)


def loop_carry():
    return jax.lax.scan(lambda total, x: (total + x, x), jnp.int32(0), X)


def loop_carry__fori():
    return jax.lax.fori_loop(0, 3, lambda i, x: x / 2, jnp.int32(1))


def loop_carry__while():
    return jax.lax.while_loop(lambda x: x < 3, lambda x: x + 0.5, jnp.int32(1))


def traced_format():
    return jax.jit(lambda x: print(f"{x:.2f}"))(2.0)


def traced_number__math():
    return jax.jit(lambda x: math.sqrt(x))(2.0)


def traced_numpy__traced_number_np():
    return jax.jit(lambda x: np.float32(x))(2.0)


def traced_other__bincount():
    return jax.jit(lambda x: jnp.bincount(x))(jnp.array([1, 2]))


def traced_shape__traced_other_repeat():
    return jax.jit(lambda x, n: jnp.repeat(x, n))(X, 2)


def traced_other__split():
    return jax.jit(lambda x, n: jnp.split(x, n))(X, 3)


def traced_other__axis():
    return jax.jit(lambda x, n: jnp.sum(x, axis=n))(X, 0)


def traced_other__roll():
    return jax.jit(lambda x, n: jnp.pad(x, n))(X, 1)


def traced_other__setdiff():
    return jax.jit(lambda x: jnp.setdiff1d(x, x))(X)


def traced_shape__traced_other_choice():
    return jax.jit(lambda n: jax.random.normal(KEY, (n,)))(3)


def traced_if__traced_other_top():
    return jax.jit(lambda x, n: jax.lax.top_k(x, n))(X, 2)


def shape_not_whole():
    return jnp.zeros(3 / 2)


def shape_not_whole__tuple():
    return jnp.zeros((4 / 2, 2))


def shape_not_whole__reshape():
    return X.reshape(3 / 1, 1)
