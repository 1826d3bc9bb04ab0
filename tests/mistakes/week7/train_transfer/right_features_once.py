# task: train_transfer
# status: passed


def train_transfer(backbone, images, labels, key):
    images, labels = np.vstack([images, images[:, :, ::-1]]), np.tile(labels, 2)
    model = lib.SmallBackbone()
    features = lib.features(model, {"params": backbone}, images)
    head = lib.TransferHead(hidden=64, dropout=0.2, outputs=1)
    state = lib.create_state(head, optax.adam(0.001), features, key, loss=lib.sigmoid_cross_entropy)
    state, _ = lib.fit(state, features, labels, epochs=30, batch_size=20, key=key, verbose=0)
    return {"params": {"backbone": backbone, "head": state.params}}
