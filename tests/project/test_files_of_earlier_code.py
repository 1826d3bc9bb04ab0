"""Today's code reads earlier files: models, trainings, gradebooks, progress, hand-outs."""

import csv
import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib

TODAY = Path(__file__).parents[1] / "data" / "today"
SAVED = TODAY / "saved"


def grader(*words) -> int:
    """Runs `python -m grader …` in this process; only this function knows where `main` is."""
    from grader.cli.main import main

    return main([str(word) for word in words])


# Saved models and trainings ------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded():
    """Loads images, and the results that the earlier code computed for them."""
    with np.load(SAVED / "recorded.npz", allow_pickle=False) as file:
        return dict(file)


def test_a_saved_convolutional_net_gives_the_logits_it_gave(recorded):
    saved = lib.load_model(SAVED / "conv_model.npz")
    assert saved.class_names == ("circle", "square", "star") and saved.input_shape == (12, 12, 1)
    assert saved.model == lib.ConvClassifier((4, 8), hidden=8, classes=3, padding="SAME")
    logits = saved.model.apply({"params": saved.params}, lib.as_input(recorded["images"]))
    np.testing.assert_allclose(logits, recorded["conv_logits"], rtol=1e-4, atol=1e-4)
    assert np.ptp(recorded["conv_logits"], axis=0).min() > 0.5


def test_a_saved_dense_net_with_one_output_gives_the_logits_it_gave(recorded):
    saved = lib.load_model(SAVED / "dense_model.npz")
    assert saved.class_names == ("happy", "sad") and saved.input_shape == (12, 12, 1)
    assert saved.model == lib.DenseClassifier(hidden=6, classes=1)
    logits = saved.model.apply({"params": saved.params}, lib.as_input(recorded["images"]))
    np.testing.assert_allclose(logits, recorded["dense_logits"], rtol=1e-4, atol=1e-4)
    assert np.ptp(recorded["dense_logits"]) > 0.5


def odd_params():
    """Makes parameters of every type."""
    return {
        "float": {"kernel": jnp.array([[0.1, -0.0], [jnp.inf, jnp.nan]])},
        "empty": jnp.zeros((0, 3)),
        "half": jnp.array([1.5, 3.1], jnp.bfloat16),
        "eighth": jnp.array([0.5, -2.0], jnp.float8_e4m3fn),
        "count": jnp.int32(7),
        "flags": jnp.array([True, False]),
        "pixels": jnp.array([0, 255], jnp.uint8),
        "key": jax.random.key(3),
    }  # fmt: skip


def bits(leaf):
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return str(leaf.dtype), leaf.shape, np.asarray(jax.random.key_data(leaf)).tobytes()
    return str(leaf.dtype), leaf.shape, np.asarray(leaf).tobytes()


@pytest.mark.parametrize("like", [None, odd_params])
def test_saved_parameters_come_back_bit_for_bit(like):
    got = lib.load_params(SAVED / "params.npz", like=like and like())
    assert jax.tree.map(bits, got) == jax.tree.map(bits, odd_params())


class Normed(nn.Module):
    """A network with statistics besides its parameters, which training does not change."""

    @nn.compact
    def __call__(self, images):
        x = nn.Dense(5, name="dense")(images.reshape(len(images), -1))
        x = nn.BatchNorm(use_running_average=True, name="norm")(x)
        return nn.Dense(3, name="logits")(nn.relu(x))


def fresh_state(kind):
    """Makes a training state at step 0, like the initial state of the saved one."""
    sample, key = np.zeros((1, 12, 12, 1), np.uint8), jax.random.key(1)
    if kind == "state":
        model = lib.ConvClassifier((4,), hidden=8, classes=3, dropout=0.25)
        augment = lib.Augment(horizontal_flip=True)
        return lib.create_state(model, optax.adam(0.01), sample, key, augment=augment)
    model = Normed()
    variables = model.init(key, jnp.zeros(sample.shape))
    return lib.create_state(model, optax.sgd(0.05, momentum=0.9), sample, key, variables=variables)


def train(recorded, state, done, epochs=4, callbacks=()):
    examples = recorded["images"], recorded["labels"]
    return lib.fit(
        state, *examples, epochs=epochs, initial_epoch=done, batch_size=16, key=jax.random.key(2),
        validation=(recorded["images"][:20], recorded["labels"][:20]), callbacks=callbacks,
        verbose=0,
    )  # fmt: skip


def check_end(recorded, kind, state, history):
    """Compares curves, parameters and answers with those of the code that saved the state."""
    # Rounding may change the class of one of the 64 images.
    for name, most in (("loss", 1e-4), ("val_loss", 1e-4), ("accuracy", 0.02)):
        np.testing.assert_allclose(history[name], recorded[f"{kind}_{name}"], rtol=1e-3, atol=most)
    logits = lib.predict(state, recorded["images"])
    np.testing.assert_allclose(logits, recorded[f"{kind}_logits"], rtol=1e-3, atol=1e-3)
    expected = lib.load_params(SAVED / f"{kind}_end.npz", like=state.params)
    close = lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    jax.tree.map(close, state.params, expected)


def test_a_saved_training_goes_on_as_it_went(recorded):
    state = lib.load_state(SAVED / "state.npz", fresh_state("state"))
    assert int(state.step) == 8  # two epochs of four steps
    state, history = train(recorded, state, done=2)
    assert int(state.step) == 16
    check_end(recorded, "state", state, history)


def test_a_checkpoint_says_how_far_it_is_and_goes_on_as_it_went(recorded, tmp_path):
    path = shutil.copy(SAVED / "checkpoint.npz", tmp_path)
    checkpoint = lib.Checkpoint(path)
    state, done = checkpoint.resume(fresh_state("checkpoint"))
    assert done == 2 and set(state.constants) == {"batch_stats"}
    mean = state.constants["batch_stats"]["norm"]["mean"]
    np.testing.assert_array_equal(mean, jnp.arange(5) / 10)
    state, history = train(recorded, state, done, callbacks=[checkpoint])
    check_end(recorded, "checkpoint", state, history)
    assert checkpoint.resume(fresh_state("checkpoint"))[1] == 4


# A class -------------------------------------------------------------------------------------

FOLDER = "{}_assignsubmission_file_"  # as Moodle exports them
VERDICTS = {
    ("Ada Byrne", "week1"), ("Ada Byrne", "week2"), ("Bob Reed", "week1"), ("Cleo Marsh", "week1"),
    ("Eve Stone", "week1"), ("Fay Lind", "week1"), ("Fay Lind", "week2"),
}  # fmt: skip


@pytest.fixture
def graded(tmp_path):
    """Copies a graded class: its submissions and OUT."""
    folder = Path(shutil.copytree(TODAY / "class", tmp_path / "class"))
    (
        folder / "handed-in" / FOLDER.format("Dan Oz_4704")
    ).mkdir()  # Git does not store empty folders
    (folder / "out" / "secret").chmod(0o600)
    return folder


def grade_class(graded):
    words = (graded / "handed-in", "--out", graded / "out", "--isolation", "process", "--jobs", 1)
    return grader("class", *words)


def results(out):
    """Returns the bytes of each verdict, which include its duration."""
    return {(path.parent.name, path.stem): path.read_bytes() for path in out.glob("results/*/*")}


def totals(out):
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        return {row["student"]: float(row["total"]) for row in csv.DictReader(file)}


def test_nothing_of_a_graded_class_is_judged_anew(graded, capsys):
    out = graded / "out"
    before, grades = results(out), (out / "grades.csv").read_bytes()
    assert before.keys() == VERDICTS
    assert grade_class(graded) == 0
    assert "6 students" in (said := capsys.readouterr().out) and "0 to judge" in said
    assert results(out) == before and (out / "grades.csv").read_bytes() == grades
    # Lost files are restored unchanged from the database.
    shutil.rmtree(out / "results")
    (out / "grades.csv").unlink()
    assert grade_class(graded) == 0
    assert results(out) == before and (out / "grades.csv").read_bytes() == grades


def test_an_attempt_before_the_last_keeps_its_verdict(graded, capsys):
    before = results(graded / "out")
    shutil.copytree(graded / "handed-in-first", graded / "handed-in", dirs_exist_ok=True)
    assert grade_class(graded) == 0
    assert "0 to judge" in capsys.readouterr().out
    after = results(graded / "out")
    changed = {whose for whose in VERDICTS if after[whose] != before[whose]}
    assert changed == {("Bob Reed", "week1"), ("Fay Lind", "week1")}
    points = {whose: json.loads(after[whose])[0]["points"] for whose in changed}
    assert points == {("Bob Reed", "week1"): 3, ("Fay Lind", "week1"): 5}


def statuses(week):
    return {task["name"]: task["status"] for task in week["tasks"]}


def test_attempts_and_policy_make_the_marks_they_made(graded):
    out = graded / "out"
    grades = (out / "grades.csv").read_bytes()
    assert grader("report", out, "--format", "json") == 0
    assert (out / "grades.csv").read_bytes() == grades
    told = json.loads((out / "report.json").read_text())
    assert told["weeks"] == {"week1": 20, "week2": 30}
    week1 = {each["student"]: each["weeks"][0] for each in told["students"]}
    assert {name: week["points"] for name, week in week1.items()} == {
        "Ada Byrne": 13.33,  # 12 of 17 points; 2 are waived; the week counts 20
        "Bob Reed": 7.47,  # 7 of 15; second attempt, two days late: minus a fifth
        "Cleo Marsh": 0,  # a syntax error
        "Dan Oz": 0,  # an empty folder
        "Eve Stone": 0,  # the stubs
        "Fay Lind": 7.69,  # 5 of 13; first attempt, not late for her
    }
    assert week1["Dan Oz"]["result"] is None
    assert set(statuses(week1["Cleo Marsh"]["result"]).values()) == {"error"}
    assert set(statuses(week1["Eve Stone"]["result"]).values()) == {"todo"}
    fay = statuses(week1["Fay Lind"]["result"])
    assert fay["gradient_step"] == "passed" and fay["two_draws"] == "failed"
    assert week1["Fay Lind"]["notes"] and week1["Bob Reed"]["notes"]


def test_the_page_of_a_class_is_made(graded):
    out = graded / "out"
    expected = totals(out)
    assert grader("report", out) == 0
    page = (out / "report.html").read_text()
    assert all(name in page for name in expected) and len(expected) == 6
    assert "Python cannot read this line" in page and "def set_last(values::" in page
    assert totals(out) == expected


def canvas(out):
    with open(out / "canvas.csv", newline="", encoding="utf-8") as file:
        _, *rows = csv.DictReader(file)  # the first row has the points possible
    return {row["Student"]: float(row["Final Points"]) for row in rows}


def moodle(out):
    with open(out / "moodle.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["Identifier"] for row in rows] == [f"Participant {4700 + n}" for n in range(1, 7)]
    return {row["username"]: float(row["total"]) for row in rows}


def gradescope(out):
    files = (out / "gradescope").glob("*.json")
    return {path.stem: json.loads(path.read_text())["score"] for path in files}


def junit(out):
    found = {}
    for suite in ElementTree.parse(out / "junit.xml").iter("testsuite"):
        said = {each.get("name"): each.get("value") for each in suite.iter("property")}
        found[said["student"]] = float(said["total"])
    return found


@pytest.mark.parametrize("read", [canvas, moodle, gradescope, junit])
def test_a_class_goes_into_other_programs(graded, read):
    out = graded / "out"
    expected = totals(out)
    assert grader("report", out, "--format", read.__name__) == 0
    assert read(out) == expected and len(set(expected.values())) == 4


# A student -----------------------------------------------------------------------------------


@pytest.fixture
def student(tmp_path, monkeypatch):
    """Makes a student's course for the next commands: three tasks of week 1 pass."""
    root = tmp_path / "course"
    shutil.copytree(TODAY / "handout" / "exercises", root / "exercises")
    shutil.copytree(TODAY / "student" / "flaxlings-state", root / ".flaxlings")
    (root / "pyproject.toml").write_text('[project]\nname = "flaxlings"\n')
    monkeypatch.chdir(root)
    return root


def test_progress_is_what_it_was(student, capsys):
    assert grader() == 0
    said = capsys.readouterr().out
    week1, week2 = (
        next(x for x in said.splitlines() if x.startswith(w)) for w in ("week1", "week2")
    )
    assert "3 of 8 tasks" in week1 and "5 of 17 points" in week1 and "■□■■□□□□" in week1
    assert "0 of 8 tasks" in week2
    assert "Continue with two_draws" in said


def test_hints_go_on_with_the_next_tier(student, capsys):
    shown = []
    for words in (["two_draws"], ["gradient_step"], ["train_line"], []):
        assert grader("hint", "week1", *words) == 0
        shown.append(re.match(r"(\w+), hint (\d)", capsys.readouterr().out).groups())
    # Without a task, the hint is for the first one that has not passed.
    assert shown == [
        ("two_draws", "2"), ("gradient_step", "3"), ("train_line", "1"), ("two_draws", "3")
    ]  # fmt: skip


# A hand-out ----------------------------------------------------------------------------------


@pytest.fixture
def handout(tmp_path):
    """Copies the exercises that were handed out."""
    return Path(shutil.copytree(TODAY / "handout" / "exercises", tmp_path / "exercises"))


def test_stubs_handed_out_are_still_stubs(handout, tmp_path):
    told = tmp_path / "verdicts.json"
    assert grader("all", "--submission", handout, "--json", told) == 1
    got = {week["week"]: statuses(week) for week in json.loads(told.read_text())}
    before = json.loads((TODAY / "handout" / "verdicts.json").read_text())
    assert sum(len(week["tasks"]) for week in before) == 58
    for week in before:
        assert statuses(week).items() <= got[week["week"]].items()
    assert {status for week in before for status in statuses(week).values()} == {"todo"}


def test_work_in_a_file_handed_out_is_judged(handout, tmp_path):
    path = handout / "week1.py"
    text = path.read_text()
    for name, body in (
        ("set_last", "return values.at[-1].set(new)"),
        ("mean_squared_error", "return jnp.float32(0)"),
    ):
        stub = f'raise NotImplementedError("Write {name}.")'
        assert text.count(stub) == 1
        text = text.replace(stub, body)
    path.write_text(text)
    told = tmp_path / "verdicts.json"
    tasks = ("--task", "set_last", "--task", "mean_squared_error", "--task", "gradient_step")
    assert grader("week1", "--submission", path, *tasks, "--json", told) == 1
    (week,) = json.loads(told.read_text())
    assert statuses(week) == {
        "set_last": "passed", "mean_squared_error": "failed", "gradient_step": "todo"
    }  # fmt: skip
