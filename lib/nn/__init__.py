"""Layers and models as Flax modules, and the convolution and pooling that they use."""
