"""Week 9: logistic regression, from one step to a classifier for a table of numbers."""

# %% [markdown]
# # Week 9: a table of numbers
#
# There are no pictures this week. You classify the rows of a table, with four measurements each, into
# two classes. One neuron with a sigmoid is enough, and you write its steps yourself. Read the lesson,
# `week9.md`, first.
#
#     python -m grader week9
#     python -m grader hint week9

# %%
import jax
import jax.numpy as jnp

# %% [markdown]
# ## Task 1: `logistic_step`


# %%
def logistic_step(
    weights: jax.Array, bias: jax.Array, rows: jax.Array, labels: jax.Array, rate: float
) -> tuple[jax.Array, jax.Array]:
    """Takes one step of gradient descent on the mean logistic loss.

    Args:
      weights: (columns,), float32.
      bias: (), float32.
      rows: (n, columns), float32.
      labels: (n,), float32, 0 or 1.
      rate: the learning rate.

    Returns:
      Weights and bias after the step, in the same shapes.
    """
    probabilities = jax.nn.sigmoid(rows @ weights + bias)
    errors = (probabilities - labels) / len(labels)
    return weights - rate * (rows.T @ errors), bias - rate * errors.sum()


# %%
if __name__ == "__main__":
    rows, labels = jnp.array([[1.0, 2.0], [2.0, 1.0]]), jnp.array([0.0, 1.0])
    print(logistic_step(jnp.zeros(2), jnp.float32(0), rows, labels, 0.1))

# %% [markdown]
# ## Task 2: `train_classifier`


# %%
def train_classifier(
    rows: jax.Array, labels: jax.Array, key: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Learns to tell two classes of rows apart.

    The columns have very different scales. For a row of class 1, rows @ weights + bias is above 0.

    Args:
      rows: (n, 4), float32.
      labels: (n,), float32, 0 or 1.
      key: for the initial weights.

    Returns:
      Weights, (4,), and bias, (), for unscaled rows. They must classify at least 85 % of new rows
      correctly.
    """
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    scaled = (rows - mean) / std
    weights, bias = 0.01 * jax.random.normal(key, mean.shape), jnp.float32(0)
    for _ in range(200):
        weights, bias = logistic_step(weights, bias, scaled, labels, 1.0)
    return weights / std, bias - mean @ (weights / std)


# %%
if __name__ == "__main__":
    key = jax.random.key(0)
    rows = jnp.array([40.0, 18.0, 200.0, 4.2]) + 3 * jax.random.normal(key, (200, 4))
    labels = (rows[:, 0] - rows[:, 1] > 22).astype(jnp.float32)
    weights, bias = train_classifier(rows, labels, key)
    print("right:", jnp.mean((rows @ weights + bias > 0) == labels))
