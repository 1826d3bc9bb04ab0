"""Habits of Keras and PyTorch: each function is called `entry` or `entry__variant` and raises."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

import lib

KEY = jax.random.key(0)
X = jnp.ones((2, 3))
IMAGES, LABELS = np.zeros((4, 8, 8, 1), np.uint8), np.arange(4)


class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(4)(x)


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):
        self.model.stop_training = True

    def look(self):
        return self.model.evaluate(X)


def _state(optimizer=optax.sgd(0.1)):
    params = {"Dense_0": {"kernel": jnp.ones((3, 4)), "bias": jnp.ones(4)}}
    return lib.TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        opt_state=optimizer.init(params),
        model=Net(),
        optimizer=optimizer,
        loss=lib.softmax_cross_entropy,
    )


MODEL = Net()


def import_of_another_framework():
    import torch


def import_of_another_framework__import_torch_vision():
    from torchvision import datasets


def import_of_another_framework__import_keras():
    import tensorflow as tf


def name_of_another_framework():
    return tf.keras.Sequential()


def import_of_another_framework__import_keras_np_utils():
    from tensorflow.keras.layers import Dense


def name_of_another_framework__import_torch_name():
    return torch.tensor([1.0])


def name_of_another_framework__import_torch_functional():
    return F.relu(X)


def package_missing__import_other_package():
    import cv2


def package_missing__import_other_package_pandas():
    import sklearn_other


def model_compile():
    MODEL.compile(optimizer="adam", loss="mse")


def model_fit():
    MODEL.fit(X, X, epochs=3)


def model_predict():
    return MODEL.predict(X)


def model_predict__evaluate():
    return MODEL.evaluate(X, X)


def model_summary():
    MODEL.summary()


def model_layers():
    return MODEL.layers[0]


def model_layers__sequential():
    return MODEL.get_layer("dense")


def model_add():
    MODEL.add(nn.Dense(3))


def model_weights():
    return MODEL.get_weights()


def model_weights__parameters():
    return list(MODEL.parameters())


def model_weights__state_dict():
    return MODEL.state_dict()


def model_weights__trainable():
    return MODEL.trainable_variables


def model_weights__count():
    return MODEL.count_params()


def model_params():
    return MODEL.params


def model_mode():
    MODEL.train()


def model_mode__eval():
    MODEL.eval()


def model_save():
    MODEL.save("net.h5")


def model_forward():
    return MODEL.forward(X)


def model_device():
    return MODEL.to("cuda")


def stop_training():
    StopAtAccuracy(0.9).on_epoch_end(0, {}, None)


def stop_training__on_state():
    class Stop:
        def on_epoch_end(self, epoch, logs, state):
            state.stop_training = True

    Stop().on_epoch_end(0, {}, _state())


def callback_model():
    return StopAtAccuracy(0.9).look()


def backward():
    loss = (X**2).mean()
    loss.backward()


def backward__grad():
    return X.grad


def backward__requires():
    X.requires_grad_()


def tensor_to_numpy():
    return X.numpy()


def tensor_to_numpy__detach():
    return X.detach().cpu().numpy()


def tensor_device():
    return X.cuda()


def tensor_device__cpu():
    return X.cpu()


def tensor_method__unsqueeze():
    return X.unsqueeze(0)


def tensor_method():
    return X.permute(1, 0)


def tensor_method__relu():
    return X.relu()


def tensor_method__exp():
    return X.exp()


def tensor_cast():
    return X.float()


def tensor_cast__long():
    return X.long()


def dim_for_axis():
    return X.mean(dim=1)


def dim_for_axis__tensor_dim_keepdim():
    return X.sum(axis=1, keepdim=True)


def dim_for_axis__tensor_dim_jnp():
    return jnp.concatenate([X, X], dim=1)


def tensor_view():
    return X.view(-1, 3)


def layer_of_another_framework():
    return nn.Linear(3, 4)


def layer_of_another_framework__layer_of_torch_conv():
    return nn.Conv2d(1, 4, 3)


def layer_of_another_framework__layer_of_torch_pool():
    return nn.MaxPool2d(2)


def layer_relu():
    return nn.ReLU()


def layer_of_another_framework__layer_of_torch_flatten():
    return nn.Flatten()


def layer_relu__layer_of_torch_softmax():
    return nn.Softmax()


def layer_loss():
    return nn.CrossEntropyLoss()


def layer_of_another_framework__layer_of_torch_functional():
    return nn.functional.relu(X)


def layer_of_another_framework__layer_of_torch_norm():
    return nn.BatchNorm2d(3)


def layer_activation():
    return nn.Dense(4, activation="relu")


def layer_activation__conv():
    return nn.Conv(4, (3, 3), activation=nn.relu)


def layer_argument():
    return nn.Dense(units=4)


def layer_argument__filters():
    return nn.Conv(filters=4, kernel_size=(3, 3))


def layer_argument__input_shape():
    return nn.Dense(4, input_shape=(3,))


def layer_argument__in_features():
    return nn.Dense(3, out_features=4)


def model_called__dropout_training():
    return nn.Dropout(0.5)(X, training=True)


def callbacks_not_a_list():
    return lib.fit(_state(), IMAGES, LABELS, epochs=1, key=KEY, callbacks=StopAtAccuracy(0.9))


def jnp_of_tensorflow():
    return jnp.reduce_mean(X)


def jnp_of_tensorflow__cast():
    return jnp.cast(X, "float32")


def jnp_of_torch():
    return jnp.tensor([1.0])


def jnp_of_torch__cat():
    return jnp.cat([X, X])


def activation_of_jnp():
    return jnp.relu(X)


def activation_of_jnp__jnp_relu_softmax():
    return jnp.softmax(X)


def model_without_params():
    return lib.fit(MODEL, IMAGES, LABELS, epochs=1, key=KEY)


def argument_unknown__fit_argument():
    return lib.fit(_state(), IMAGES, LABELS, epochs=1, key=KEY, validation_split=0.1)


def params_of_another_shape__channels_first():
    params = {"kernel": jnp.ones((3, 3, 1, 4)), "bias": jnp.ones(4)}
    return nn.Conv(4, (3, 3)).apply({"params": params}, jnp.ones((1, 1, 8, 8)))


def state_frozen():
    current = _state()
    current.params = {}


def optimizer_as_text():
    return lib.create_state(Net(), "adam", IMAGES, KEY)


def loss_as_text():
    return lib.create_state(Net(), optax.sgd(0.1), IMAGES, KEY, loss="mse")


def jnp_of_torch__with_no_grad():
    with jax.no_grad():
        return X


def gradient_tape():
    with jax.GradientTape() as tape:
        return X


def history_of_keras():
    history = lib.History({"accuracy": [0.5]})
    return history.history["accuracy"]


def state_method():
    return _state().fit(IMAGES, LABELS)


def state_method__predict():
    return _state().predict(IMAGES)


def layer_not_called__relu():
    return nn.relu(nn.Dense(4))


def setup_not_defined__model_of_self():
    class Mine(nn.Module):
        @nn.compact
        def __call__(self, x):
            return x if self.train else -x

    return Mine().apply({}, X)


def training_diverged():
    state = _state(optax.sgd(1e20))
    return lib.fit(
        state, np.full((4, 3), 1e25), np.array([0, 0, 0, 1]), epochs=3, key=KEY, verbose=False
    )


def jnp_of_torch__rand():
    return np.randn(3)
