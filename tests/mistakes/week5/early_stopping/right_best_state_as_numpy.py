# task: early_stopping
# status: passed


class EarlyStopping:
    best = None

    def __init__(self, patience):
        self.patience = patience
        self.bad_epochs = []

    def on_epoch_end(self, epoch, logs, state):
        if "val_loss" in logs:
            if self.best and logs["val_loss"] >= self.best["loss"]:
                self.bad_epochs.append(epoch)
                return len(self.bad_epochs) == self.patience
            params = jax.tree.map(lambda array: np.array(array, copy=True), state.params)
            self.best = {"loss": logs["val_loss"], "params": params}
            self.bad_epochs.clear()
        return False

    def on_train_end(self, state):
        return state.replace(params=self.best["params"]) if self.best else state
