# task: early_stopping
# status: passed

import copy


class EarlyStopping:
    def __init__(self, patience):
        self.patience = patience
        self.best = None
        self.best_epoch = 0

    def on_epoch_end(self, epoch, logs, state):
        loss = logs.get("val_loss")
        if loss is None:
            return False
        if self.best is None or loss < self.best[0]:
            self.best, self.best_epoch = (loss, copy.deepcopy(state.params)), epoch
        return bool(epoch - self.best_epoch >= self.patience)

    def on_train_end(self, state):
        return state.replace(params=self.best[1]) if self.best else state
