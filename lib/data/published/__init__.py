"""The published sets, through tensorflow-datasets and without TensorFlow."""
