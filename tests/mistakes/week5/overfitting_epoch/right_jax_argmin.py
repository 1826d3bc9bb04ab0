# task: overfitting_epoch
# status: passed


def overfitting_epoch(history):
    losses = jnp.asarray(history["val_loss"])
    epoch = jnp.argmin(losses)
    return None if epoch == losses.size - 1 else epoch + 1
