# task: early_stopping
# status: failed
# words: "does not allow", "lib.EarlyStopping"


class EarlyStopping(lib.EarlyStopping):
    def __init__(self, patience):
        super().__init__("val_loss", patience)
