"""One module per framework, each run in a process of its own.

Every module has `MODULES`, the importable names it needs, and
`trainer(program, images, labels, threads)`, which builds the net and returns a function
that trains for one epoch and returns the epoch's running training accuracy. A module imports its
framework inside `trainer`, so that its needs can be asked for where it is not installed.
"""

# In the order of the tables. The first is the course's own.
FRAMEWORKS = {
    "ours": "here",
    "stock_flax": "stock Flax, Python loop",
    "stock_flax_scan": "stock Flax, scan",
    "pytorch": "PyTorch",
    "keras_tensorflow": "Keras on TensorFlow",
    "keras_jax": "Keras on JAX",
}
