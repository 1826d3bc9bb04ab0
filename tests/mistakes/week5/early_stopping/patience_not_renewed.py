# task: early_stopping
# status: failed
# words: "not reset the count to 0 at a new lowest"


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.lowest, self.waited = patience, float("inf"), 0
        self.best_params = None

    def on_epoch_end(self, epoch, logs, state):
        if "val_loss" not in logs:
            return False
        if logs["val_loss"] < self.lowest:
            self.lowest = logs["val_loss"]
            self.best_params = jax.tree.map(jnp.copy, state.params)
            return False
        self.waited += 1
        return self.waited >= self.patience

    def on_train_end(self, state):
        if self.best_params is None:
            return state
        return state.replace(params=self.best_params)
