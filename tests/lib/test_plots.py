"""Figures hold the right data on the right axes, and leave nothing behind."""

import io
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.text import Text

import lib
from lib import plots

NAMES = ("ant", "bee", "cow")


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 28, 28, 1)).astype(np.uint8)


def stand_in():
    return lib.load("fashion_mnist", train_size=1, test_size=1)


def small_print(figure) -> str:
    return figure._supxlabel.get_text() if figure._supxlabel else ""


def test_the_grid_shows_each_picture_with_its_label(images):
    figure = plots.image_grid(images, np.array([0, 1, 2, 2, 1, 0]), NAMES, columns=3)
    assert [axes.get_title() for axes in figure.axes] == ["ant", "bee", "cow", "cow", "bee", "ant"]
    for axes, image in zip(figure.axes, images, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), image[:, :, 0])


def test_right_and_wrong_answers_differ_in_mark_and_colour(images):
    figure = plots.image_grid(images[:2], np.array([0, 1]), NAMES, np.array([0, 2]))
    right, wrong = figure.axes
    assert right.get_title() == "✓ ant" and right.title.get_color() == plots.BLUE
    assert wrong.get_title() == "✗ cow" and wrong.title.get_color() == plots.ORANGE
    assert wrong.get_xlabel() == "is bee" and right.get_xlabel() == ""


def test_answers_without_labels_are_neither_right_nor_wrong(images):
    figure = plots.image_grid(images[:1], predicted=np.array([1]), class_names=NAMES)
    assert figure.axes[0].get_title() == "bee"


def test_numbers_stand_in_for_names(images):
    figure = plots.image_grid(images[:2], np.array([7, 3]))
    assert [axes.get_title() for axes in figure.axes] == ["7", "3"]


def test_pictures_of_every_form_are_drawn():
    for shape in ((2, 5, 6), (2, 5, 6, 1), (2, 5, 6, 3)):
        plots.image_grid(np.zeros(shape, np.float32))
    with pytest.raises(ValueError, match=r"shape \(4, 5\)"):
        plots.image_grid(np.zeros((4, 5)))


@pytest.mark.parametrize("count", [0, 101])
def test_a_grid_of_no_or_too_many_pictures_is_refused(count):
    with pytest.raises(ValueError, match=f"but got {count}"):
        plots.image_grid(np.zeros((count, 2, 2)))


def test_labels_of_another_length_are_refused(images):
    with pytest.raises(ValueError, match=r"labels must have shape \(6,\)"):
        plots.image_grid(images, np.zeros(5, int))


def test_the_prediction_has_a_bar_per_class_and_marks_the_true_one(images):
    figure = plots.prediction(images[0], [0.2, 0.7, 0.1], NAMES, label=0)
    picture, bars = figure.axes
    assert picture.get_title() == "✗ bee, 70%" and picture.get_xlabel() == "is ant"
    assert [bar.get_width() for bar in bars.patches] == [0.2, 0.7, 0.1]
    assert [tick.get_text() for tick in bars.get_yticklabels()] == list(NAMES)
    assert bars.get_xlabel() == "probability"
    colours = [bar.get_facecolor() for bar in bars.patches]
    assert len(set(colours)) == 3


def test_logits_are_not_taken_for_probabilities(images):
    with pytest.raises(ValueError, match="softmax"):
        plots.prediction(images[0], [4.0, -1.0, 2.0], NAMES)
    with pytest.raises(ValueError, match="3 class names"):
        plots.prediction(images[0], [0.5, 0.5], NAMES)


def test_curves_show_training_and_validation_from_epoch_one():
    history = {"loss": [0.9, 0.4], "val_loss": [0.8, 0.5], "accuracy": [0.6, 0.9]}
    loss, accuracy = plots.history_curves(history).axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    np.testing.assert_array_equal(loss.lines[0].get_xdata(), [1, 2])
    np.testing.assert_array_equal(loss.lines[1].get_ydata(), [0.8, 0.5])
    assert [line.get_label() for line in accuracy.lines] == ["training"]
    assert loss.get_xlabel() == "epoch" and accuracy.get_ylabel() == "accuracy"


def test_curves_take_what_fit_returns():
    history = lib.History([{"loss": 1.0, "accuracy": 0.5}, {"loss": 0.5, "accuracy": 0.7}])
    np.testing.assert_array_equal(
        plots.history_curves(history).axes[1].lines[0].get_ydata(), [0.5, 0.7]
    )


def test_a_history_without_the_metrics_is_refused():
    with pytest.raises(ValueError, match="loss, accuracy"):
        plots.history_curves({"mae": [1.0]}, ("loss", "accuracy"))
    with pytest.raises(ValueError, match="at least one epoch"):
        plots.history_curves(lib.History())


def test_curves_of_a_training_that_went_on_show_all_metrics_and_count_on():
    logs = {"loss": 1.0, "auc": 0.5, "val_loss": 1.0, "val_auc": 0.6}
    axes = plots.history_curves(lib.History([logs, logs], first=5)).axes
    assert [each.get_ylabel() for each in axes] == ["loss", "auc"]
    for line in (*axes[0].lines, *axes[1].lines):
        np.testing.assert_array_equal(line.get_xdata(), [6, 7])


LONG = (
    "American Staffordshire terrier",
    "n02085620-Chihuahua_of_a_long_name",
    "W" * 90,
    "a\nb $x$ and $\\frac$",
)


def placed(figure):
    """Draws a figure, so that everything has its position."""
    figure.savefig(io.BytesIO(), dpi=60)
    return figure


def test_figures_fit_a_page_and_can_be_read_there():
    names = [f"class {i}" for i in range(24)]
    images, labels = np.zeros((24, 8, 8)), np.arange(24)
    wrong = np.eye(24)[(labels + 1) % 24]
    maps = np.random.default_rng(0).normal(size=(1, 4, 4, 64))
    history = {name: [1.0, 2.0] for name in ("loss", "val_loss", "accuracy", "auc")}
    for figure in (
        plots.image_grid(images, labels, names, note="a note"),
        plots.prediction(images[0], wrong[0], names, 0),
        plots.history_curves(history),
        plots.confusion_matrix(wrong, [str(i) for i in range(24)]),
        plots.worst_mistakes(images, labels, wrong, names),
        plots.picture_row({"a": images[0], "b": images[1], "c": images[2]}),
        plots.filter_grid(maps.reshape(4, 4, 1, 64)),
        plots.activation_grid(maps, title="maps"),
        plots.activation_rows({"maps": maps, "logits": wrong[:1]}, images[0]),
    ):
        assert figure.get_figwidth() <= 7.5
        for text in placed(figure).findobj(Text):
            pixels = text.get_fontsize() * plots.DOTS_PER_INCH / 72
            assert not text.get_text() or pixels >= 12, text.get_text()


def test_long_names_neither_overlap_nor_are_cut():
    images, labels = np.zeros((12, 8, 8)), np.arange(12) % 4
    probabilities = np.eye(4)[(labels + 1) % 4]
    for figure in (
        plots.image_grid(images, labels, LONG, (labels + 1) % 4, columns=4),
        plots.worst_mistakes(images, labels, probabilities, LONG),
    ):
        placed(figure)
        texts = [text for axes in figure.axes for text in (axes.title, axes.xaxis.label)]
        boxes = [text.get_window_extent() for text in texts if text.get_text()]
        assert len(boxes) == 24
        for number, box in enumerate(boxes):
            assert box.x0 >= -0.5 and box.x1 <= figure.bbox.width + 0.5
            assert not any(box.overlaps(other) for other in boxes[number + 1 :])
    assert figure.axes[0].get_title().endswith("100%")


def test_the_names_of_many_classes_are_whole_beside_the_confusion_matrix():
    names = [f"{LONG[i % 4]} {i}" for i in range(25)]
    figure = placed(plots.confusion_matrix(np.eye(25), names))
    (axes,) = figure.axes
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        box = label.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width
    assert axes.get_window_extent().width > 0.5 * figure.bbox.width
    assert axes.get_yticklabels()[24].get_text().endswith(" 24")


def test_a_name_with_dollars_is_no_formula():
    for figure in (
        plots.image_grid(np.zeros((1, 4, 4)), [0], ["$\\frac$"]),
        plots.confusion_matrix(np.eye(2), ["$\\frac$", "$$"]),
        plots.prediction(np.zeros((4, 4)), [1.0, 0.0], ["$\\frac$", "b"], label=1),
    ):
        placed(figure)


def test_all_filters_share_one_scale_about_zero():
    kernels = np.random.default_rng(0).normal(size=(3, 3, 2, 5))
    figure = plots.filter_grid(kernels, channel=1)
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    largest = np.abs(kernels[:, :, 1]).max()
    assert len(shown) == 5
    for number, image in enumerate(shown):
        np.testing.assert_allclose(image.get_array(), kernels[:, :, 1, number], rtol=1e-6)
        low, high = image.get_clim()
        assert low == -high and np.isclose(high, largest)


def test_filters_of_another_form_are_refused():
    with pytest.raises(ValueError, match="four axes"):
        plots.filter_grid(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="0 to 1"):
        plots.filter_grid(np.zeros((3, 3, 2, 5)), channel=2)


def test_each_channel_of_an_activation_is_standardised():
    activation = np.random.default_rng(0).normal(5, [1, 100, 0], size=(7, 6, 3))
    figure = plots.activation_grid(activation[None])
    shown = [np.asarray(axes.images[0].get_array(), float) for axes in figure.axes if axes.images]
    for picture in shown[:2]:
        assert abs(picture.mean() - 128) < 5 and 50 < picture.std() < 70
    assert np.all(shown[2] == 128)
    with pytest.raises(ValueError, match=r"activation\[0\]"):
        plots.activation_grid(np.zeros((2, 7, 6, 3)))


def test_a_row_of_pictures_names_each_and_its_size():
    pictures = {"before": np.zeros((8, 9), np.uint8), "after": np.ones((4, 4))}
    figure = plots.picture_row(pictures)
    assert [axes.get_title() for axes in figure.axes] == ["before", "after"]
    assert [axes.get_xlabel() for axes in figure.axes] == ["8 × 9", "4 × 4"]
    assert figure.axes[0].images[0].get_clim() == (0, 255)
    with pytest.raises(ValueError, match=r"\(height, width\)"):
        plots.picture_row({"colour": np.zeros((4, 4, 3))})


def test_a_stand_in_is_named_in_every_figure(images):
    data = stand_in()
    for figure in (
        plots.image_grid(images, note=data),
        plots.prediction(images[0], [0.2, 0.7, 0.1], NAMES, note=data),
        plots.history_curves({"loss": [1.0]}, note=data),
        plots.activation_grid(np.zeros((3, 3, 2)), note=data),
        plots.picture_row({"one": np.zeros((3, 3))}, note=data),
        plots.filter_grid(np.ones((3, 3, 1, 2)), note=data),
    ):
        assert "stand-in for Fashion-MNIST" in small_print(figure)


def test_real_data_gets_no_note(images):
    class Real:
        is_real = True

    assert small_print(plots.image_grid(images, note=Real())) == ""
    assert small_print(plots.image_grid(images, note="from my camera")) == "from my camera"


def test_figures_do_not_gather_in_pyplot(images):
    code = (
        "import sys, numpy as np\n"
        "from lib import plots\n"
        "assert 'matplotlib' not in sys.modules\n"
        "figure = plots.image_grid(np.zeros((2, 4, 4)))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert figure._repr_png_()[:4] == b'\\x89PNG'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_outside_a_notebook_a_figure_is_saved_and_its_place_told(tmp_path, capsys):
    path = tmp_path / "new" / "row.png"
    plots.show(plots.picture_row({"one": np.zeros((3, 3))}), path)
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert str(path) in capsys.readouterr().out


def test_the_confusion_matrix_holds_shares_counts_and_names():
    counts = np.array([[8, 2, 0], [0, 5, 5], [0, 0, 0]])
    axes = plots.confusion_matrix(counts, NAMES).axes[0]
    np.testing.assert_allclose(
        axes.images[0].get_array(), [[0.8, -0.2, 0], [0, 0.5, -0.5], [0, 0, 0]]
    )
    assert [text.get_text() for text in axes.texts] == ["8", "2", "", "", "5", "5", "", "", ""]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(NAMES)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert not plots.confusion_matrix(np.eye(13)).axes[0].texts  # too many to write
    for wrong in (np.ones((2, 3)), np.zeros((0, 0)), np.ones((2, 2))):
        with pytest.raises(ValueError, match="confusion_matrix got"):
            plots.confusion_matrix(wrong, NAMES)


def test_the_worst_mistakes_are_drawn_with_answer_and_truth(images):
    probabilities = np.array([[0.9, 0.1, 0], [0.3, 0.7, 0], [0, 0.05, 0.95]])
    figure = plots.worst_mistakes(images[:3], [0, 0, 1], probabilities, NAMES)
    drawn = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in drawn] == ["✗ cow 95%", "✗ bee 70%"]
    assert [axes.get_xlabel() for axes in drawn] == ["is bee", "is ant"]
    np.testing.assert_array_equal(drawn[0].images[0].get_array(), images[2, :, :, 0])
    with pytest.raises(ValueError, match="every answer is right"):
        plots.worst_mistakes(images[:1], [0], probabilities[:1], NAMES)
    with pytest.raises(ValueError, match="6 pictures but 3 labels"):
        plots.worst_mistakes(images, [0, 0, 1], probabilities, NAMES)


@pytest.mark.parametrize(("name", "colours"), [("mnist", "gray_r"), ("mine", "gray"), ("", "gray")])
def test_black_is_black_but_in_digits(images, name, colours):
    note = type("Set", (), {"name": name, "is_real": True}) if name else None
    for figure in (
        plots.image_grid(images[:1], note=note),
        plots.prediction(images[0], [0.2, 0.7, 0.1], NAMES, note=note),
        plots.worst_mistakes(images[:1], [0], np.array([[0, 1]]), note=note),
        plots.activation_rows({"a": np.ones((1, 2))}, images[0], note=note),
    ):
        assert figure.axes[0].images[0].get_cmap().name == colours


def test_pictures_out_of_their_range_are_told(images):
    for wrong in (images.astype(np.float32), images / np.float32(127.5) - 1):
        with pytest.warns(UserWarning, match="drawn from 0 to 1: values beyond"):
            plots.image_grid(wrong)
    figure = plots.image_grid(images.astype(np.int64))
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), images[0, :, :, 0])


def test_a_training_that_had_ended_leaves_a_line():
    figure = plots.history_curves(lib.History(first=7))
    assert "7 epochs were already done" in figure.texts[0].get_text()
    with pytest.raises(TypeError, match="state, history = "):
        plots.history_curves((None, lib.History()))
