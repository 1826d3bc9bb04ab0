"""Layers and models as Flax modules, and the convolution and pooling they are built from."""
