# task: load_pictures
# status: passed


def load_pictures(folder, edge):
    paths = sorted(Path(folder).glob("*/*"))
    names = sorted({path.parent.name for path in paths})
    images, labels, left_out = [], [], []
    for path in paths:
        try:
            image = np.asarray(Image.open(path).convert("RGB"), np.float32)
        except (OSError, SyntaxError):
            left_out.append(path.relative_to(folder).as_posix())
            continue
        small = jax.image.resize(image, (edge, edge, 3), "bilinear")
        images.append(np.asarray(jnp.round(small)).astype(np.uint8))
        labels.append(names.index(path.parent.name))
    return jnp.stack(images), jnp.array(labels), left_out
