# task: early_stopping
# status: failed
# words: "the parameters of epoch 1;", "that is the first epoch"
# not: "equally low"


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.lowest, self.waited = patience, float("inf"), 0
        self.best_params = None

    def on_epoch_end(self, epoch, logs, state):
        if "val_loss" not in logs:
            return False
        if logs["val_loss"] < self.lowest:
            self.lowest, self.waited = logs["val_loss"], 0
            if self.best_params is None:
                self.best_params = jax.tree.map(jnp.copy, state.params)
            return False
        self.waited += 1
        return self.waited >= self.patience

    def on_train_end(self, state):
        if self.best_params is None:
            return state
        return state.replace(params=self.best_params)
