# task: early_stopping
# status: failed
# words: "the lowest val_loss was", "with the epoch before"


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.before, self.waited = patience, float("inf"), 0
        self.best_params = None

    def on_epoch_end(self, epoch, logs, state):
        if "val_loss" not in logs:
            return False
        if logs["val_loss"] < self.before:
            self.waited = 0
            self.best_params = jax.tree.map(jnp.copy, state.params)
        else:
            self.waited += 1
        self.before = logs["val_loss"]
        return self.waited >= self.patience

    def on_train_end(self, state):
        if self.best_params is None:
            return state
        return state.replace(params=self.best_params)
