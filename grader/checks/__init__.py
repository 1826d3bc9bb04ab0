'''The rubric: one file a week, one function a task, run by the grader through pytest.

A check calls the student's functions through `student`, compares what comes back with its own
computation through `judge`, and takes fresh inputs from `secret`. What stands in `@task(...)` is
literal: it is read without running the file.

    import numpy as np

    import lib
    from grader.checks.training import judge_training
    from grader.rubric import task


    @task(
        points=2,
        functions=("convolve2d",),          # its answer in the student's file
        seconds=10,                         # CPU seconds, at least 5x what the solution takes
        forbids=("lib.conv2d", "jax.lax.conv*", "jax.scipy.signal.*", "jax.numpy.convolve"),
        hints=("A nudge.", "A method.", "Nearly the answer."),
    )
    def check_convolve2d(student, secret, judge):
        """Slide a kernel over a picture."""
        rng = secret.numpy("pictures")
        image = rng.normal(size=(7, 9)).astype(np.float32)
        kernel = rng.normal(size=(3, 3)).astype(np.float32)
        right = ...                         # our own computation, here
        with judge.part(1, "valid region"):
            judge.same(
                student.convolve2d(image, kernel),
                right,
                hint="The kernel fits n - k + 1 times.",
                mistakes={"The kernel is flipped: that is convolution, not correlation.": flipped},
            )


    @task(points=1, functions=("fashion_cnn",), needs=())
    def check_fashion_cnn(student, secret, judge):
        """The convolutional net for clothes."""
        model = student.fashion_cnn()       # not data: a Handle, the model stays in the worker
        judge.architecture(model, lib.fashion_cnn(), (2, 10, 10, 1), (1, 28, 28, 1))


    @task(points=2, functions=("train_cnn",), seconds=120, needs=("fashion_cnn",), training=True)
    def check_train_cnn(student, secret, judge):
        """A net that beats the dense one."""
        judge_training(student, secret, judge, "train_cnn", lib.fashion_cnn(), "More epochs?")

What several weeks need lies beside them: `networks` (what wrong networks come to), `training` (a
training on fresh pictures, and one that stops by itself), `figures`, `picture_files`, `one_hot`.
Only files named after a week, or `project`, hold tasks.

Arrays reach the student as JAX arrays (`student.numpy(array)` for a NumPy one), keys as typed
keys. Results come back as NumPy arrays, numbers, strings, lists, tuples, dicts; figures as
`{"title", "axes": [{"title", "xlabel", "ylabel", "xticks", "yticks", "legend", "texts",
"lines": [{"label", "x", "y"}], "bars": [{"label", "heights", "positions", "horizontal"}],
"images": [array]}]}`; everything else as a `Handle` (see `grader.judge.student`). A
worker may send anything: `judge.unpack(got, 2, "…")` takes a pair apart, and
`judge.params(got, model, input_shape)` checks a tree of parameters before it is used.
'''
