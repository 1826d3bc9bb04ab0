# task: early_stopping
# status: passed


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.seen = patience, []
        self.kept = None

    def on_epoch_end(self, epoch, logs, state):
        if "val_loss" not in logs:
            return None
        self.seen.append(logs["val_loss"])
        best = int(np.argmin(self.seen))
        if best == len(self.seen) - 1:
            self.kept = jax.tree.map(np.array, state.params)
        return len(self.seen) - 1 - best >= self.patience

    def on_train_end(self, state):
        return state if self.kept is None else state.replace(params=self.kept)
