"""Training: states, steps, losses, callbacks, and `fit`, which runs them."""
