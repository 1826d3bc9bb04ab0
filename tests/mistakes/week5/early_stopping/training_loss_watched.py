# task: early_stopping
# status: failed
# words: "logs['loss']", "logs['val_loss'] decides"
# not: "too early"


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.lowest, self.waited = patience, float("inf"), 0
        self.best_params = None

    def on_epoch_end(self, epoch, logs, state):
        if logs["loss"] < self.lowest:
            self.lowest, self.waited = logs["loss"], 0
            self.best_params = jax.tree.map(jnp.copy, state.params)
            return False
        self.waited += 1
        return self.waited >= self.patience

    def on_train_end(self, state):
        return self.best_params
