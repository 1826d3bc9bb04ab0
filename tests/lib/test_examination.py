"""Each figure of a trained model on your own pictures takes one call."""

import io

import jax
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib

NAMES = ("dark", "middle", "bright")


class ByBrightness(nn.Module):
    """Classifies three levels of brightness, the brightest always wrongly; has no parameters.

    It has a constant, and an argument for training.
    """

    @nn.compact
    def __call__(self, images, training):
        mean = self.variable("limits", "middle", lambda: np.float32(0.5)).value
        x = images.mean((1, 2, 3))[:, None]
        x = nn.Dropout(0.5)(x, deterministic=not training)
        scores = [0.4 - x, 0.2 - abs(x - mean), -1 + 0 * x]
        return lib.nn.layers.Flatten(name="logits")(np.float32(20) * jax.numpy.stack(scores, 1))


@pytest.fixture(scope="module")
def pictures():
    labels = np.arange(12) % 3
    noise = np.random.default_rng(0).integers(0, 30, (12, 6, 6, 3))
    return (noise + 90 * labels[:, None, None, None]).astype(np.uint8), labels


@pytest.fixture(scope="module")
def state(pictures):
    return lib.create_state(ByBrightness(), optax.identity(), pictures[0], jax.random.key(0))


@pytest.fixture(scope="module")
def seen(state, pictures):
    return lib.examine(state, *pictures, NAMES)


def test_the_report_is_that_of_the_models_answers(seen, pictures):
    np.testing.assert_array_equal(seen.report.confusion, [[4, 0, 0], [0, 4, 0], [0, 4, 0]])
    np.testing.assert_array_equal(seen.predicted, np.minimum(pictures[1], 1))
    np.testing.assert_allclose(seen.probabilities.sum(axis=1), 1)


def test_the_figures(seen):
    titles = [axes.get_title() for axes in seen.image_grid().axes]
    assert [titles.count(each) for each in ("✓ dark", "✓ middle", "✗ middle")] == [4, 4, 4]
    matrix = seen.confusion_matrix()
    assert {text.get_text() for text in matrix.axes[0].texts} == {"4", ""}
    mistakes = seen.worst_mistakes(2)
    assert [axes.get_xlabel() for axes in mistakes.axes] == ["is bright"] * 2
    layers = seen.activations(-1)
    assert [axes.get_title(loc="left") for axes in layers.axes][-1] == "logits, 3"


def test_of_pictures_in_the_order_of_their_classes_each_class_is_drawn(state, pictures):
    order = np.argsort(pictures[1], kind="stable")
    seen = lib.examine(state, pictures[0][order], pictures[1][order], NAMES)
    grid = seen.image_grid(6)
    assert {axes.get_title() for axes in grid.axes} >= {"✓ dark", "✓ middle", "✗ middle"}
    first = grid.axes[0].images[0].get_array()
    np.testing.assert_array_equal(first, seen.image_grid(6).axes[0].images[0].get_array())


def test_a_model_without_a_mistake_has_a_figure_that_says_so(state, pictures, seen):
    figure = lib.examine(state, pictures[0], seen.predicted, NAMES).worst_mistakes()
    assert [text.get_text() for text in figure.texts] == ["Every answer is right."]


def test_labels_may_be_one_hot_or_missing(state, pictures, seen):
    images, labels = pictures
    again = lib.examine(state, images, np.eye(3)[labels], NAMES)
    np.testing.assert_array_equal(again.report.confusion, seen.report.confusion)
    unknown = lib.examine(state, images)
    titles = [axes.get_title() for axes in unknown.image_grid(9).axes]
    assert set(titles) == {"0", "1", ""} and len([each for each in titles if each]) == 9
    for look in (unknown.confusion_matrix, unknown.worst_mistakes, lambda: unknown.report):
        with pytest.raises(ValueError, match="pass labels to lib.examine"):
            look()


@pytest.mark.parametrize(
    ("labels", "names", "sentence"),
    [
        (np.zeros(11, int), NAMES, "11 labels but 12 predictions"),
        (np.full(12, 3), NAMES, "from 3 to 3"),
        (np.zeros(12, int), NAMES[:2], "2 class names, but the model has 3"),
        (np.array(["dark"] * 12), NAMES, "not numbers but text.*class_names.index"),
        (np.full(12, 0.5), NAMES, "must be"),
        (np.zeros((12, 2)), NAMES, "must be"),
        (None, ("a", "a", "b"), "Two classes are called 'a'"),
    ],
)
def test_what_does_not_fit_is_named(state, pictures, labels, names, sentence):
    with pytest.raises(ValueError, match=sentence):
        lib.examine(state, pictures[0], labels, names)


def test_a_kept_model_brings_its_class_names(tmp_path, state, pictures):
    path = tmp_path / "model.npz"
    lib.save_model(path, state.model, state.params, NAMES, (6, 6, 3), constants=state.constants)
    seen = lib.examine(lib.load_model(path, ByBrightness()), *pictures)
    assert seen.class_names == NAMES and seen.report.accuracy == pytest.approx(2 / 3)


def test_layers_are_drawn_one_below_the_other():
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(1, 5, 5, 20)) * np.linspace(2, 0, 20)
    figure = lib.plots.activation_rows(
        {"conv": maps, "lstm": (np.ones((1, 4)), np.ones((1, 7))), "tokens": np.ones((1, 9, 3))},
        np.ones((5, 5, 3)),
        channels=4,
    )
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert [title for title in titles if title] == [
        "conv, 5 × 5 × 20", "lstm/0, 4", "lstm/1, 7", "tokens, 9 × 3"
    ]  # fmt: skip
    assert len(figure.axes) == 1 + 4 + 3
    with pytest.raises(ValueError, match="one picture"):
        lib.plots.activation_rows({"conv": np.ones((2, 5, 5, 3))})


def test_a_deep_model_has_a_row_for_each_layer_and_no_title_on_a_picture():
    layers = {f"block{i}/convolution": np.random.rand(1, 9, 6 + i, 12) for i in range(9)}
    layers["a" * 300] = np.ones((1, 4))
    figure = lib.plots.activation_rows(layers, np.ones((9, 9, 3)), channels=4)
    figure.savefig(io.BytesIO(), dpi=30)  # places everything; a warning would be an error
    width = figure.bbox.width
    titled = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert len(titled) == 10 and "…" in titled[-1].get_title(loc="left")
    bottom = figure.axes[0].get_window_extent().y0
    for axes in titled:
        title = axes._left_title.get_window_extent()
        assert title.y1 <= bottom + 0.5 and title.x1 <= width + 0.5
        bottom = axes.get_window_extent().y0


def test_labels_of_every_form_that_fit_takes(state, pictures, seen):
    images, labels = pictures
    for same in (labels[:, None], labels.astype(np.float32), labels.tolist()):
        again = lib.examine(state, images, same, np.array(NAMES))
        np.testing.assert_array_equal(again.report.confusion, seen.report.confusion)
    some = lib.examine(state, images, labels > 0, [0, 1, 2])
    assert some.labels.tolist() == (labels > 0).tolist() and "accuracy" in str(some.report)


def test_names_in_a_dict_and_pictures_that_are_not_there(state, pictures, seen):
    with pytest.raises(TypeError, match="class_names must be a list"):
        lib.examine(state, pictures[0], class_names=dict(enumerate(NAMES)))
    with pytest.raises(ValueError, match="no picture 99: the 12 pictures are 0 to 11"):
        seen.activations(99)
    with pytest.raises(ValueError, match="channels must be 1 or more"):
        seen.activations(channels=0)
