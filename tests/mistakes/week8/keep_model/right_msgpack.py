# task: keep_model
# status: passed


def save_model(path, params):
    from flax import serialization

    with open(path, "wb") as file:
        file.write(serialization.to_bytes(params))


def load_model(path):
    from flax import serialization

    with open(path, "rb") as file:
        return serialization.msgpack_restore(file.read())
