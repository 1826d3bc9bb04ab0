"""One module per framework, each run in a separate process.

Every module has `MODULES`, the importable names it needs, and
`trainer(program, images, labels, threads)`, which builds the network and returns a function that
trains one epoch and returns its running training accuracy. A module imports its framework inside
`trainer`, so that `MODULES` can be read without the framework.
"""

# In the order of the tables; the first is the course's library.
FRAMEWORKS = {
    "ours": "here",
    "stock_flax": "stock Flax, Python loop",
    "stock_flax_scan": "stock Flax, scan",
    "pytorch": "PyTorch",
    "keras_tensorflow": "Keras on TensorFlow",
    "keras_jax": "Keras on JAX",
}
