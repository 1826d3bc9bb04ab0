'''The rubric: one file per week, one function per task, run by the grader through pytest.

A check calls the student's functions through `student`, uses `judge` to compare the results with
its own computation, and takes fresh inputs from `secret`. The arguments of `@task(...)` are
literals: the grader reads them without running the file.

    import numpy as np

    import lib
    from grader.checks.training import judge_training
    from grader.rubric import task


    @task(
        points=2,
        functions=("convolve2d",),          # the answer in the student's file
        seconds=10,                         # CPU seconds, at least 5x the solution's
        forbids=("lib.conv2d", "jax.lax.conv*", "jax.scipy.signal.*", "jax.numpy.convolve"),
        hints=("A nudge.", "A method.", "Nearly the answer."),
    )
    def check_convolve2d(student, secret, judge):
        """Slide a kernel over a picture."""
        rng = secret.numpy("pictures")
        image = rng.normal(size=(7, 9)).astype(np.float32)
        kernel = rng.normal(size=(3, 3)).astype(np.float32)
        right = ...                         # compute it here
        with judge.part(1, "valid region"):
            judge.same(
                student.convolve2d(image, kernel),
                right,
                hint="The kernel fits n - k + 1 times.",
                mistakes={"The kernel is flipped: that is convolution, not correlation.": flipped},
            )


    @task(points=1, functions=("fashion_cnn",), needs=())
    def check_fashion_cnn(student, secret, judge):
        """Build the convolutional network for clothes."""
        model = student.fashion_cnn()       # a Handle, not data: the model stays in the worker
        judge.architecture(model, lib.fashion_cnn(), (2, 10, 10, 1), (1, 28, 28, 1))


    @task(points=2, functions=("train_cnn",), seconds=120, needs=("fashion_cnn",), training=True)
    def check_train_cnn(student, secret, judge):
        """Train a network that beats the dense one."""
        judge_training(student, secret, judge, "train_cnn", lib.fashion_cnn(), "More epochs?")

Modules that several weeks share are next to the week files: `networks` (how wrong networks
differ), `training` (a training run on fresh pictures, and one that stops automatically), `figures`,
`picture_files`, `one_hot`. Only files named after a week, or `project`, contain tasks.

The student's code gets arrays as JAX arrays (`student.numpy(array)` for a NumPy one) and keys as
typed keys. Results come back as NumPy arrays, numbers, strings, lists, tuples, dicts; figures as
`{"title", "axes": [{"title", "xlabel", "ylabel", "xticks", "yticks", "legend", "texts",
"lines": [{"label", "x", "y"}], "bars": [{"label", "heights", "positions", "horizontal"}],
"images": [array]}]}`; everything else as a `Handle` (see `grader.judge.student`). A
worker may send anything: `judge.unpack(got, 2, "…")` unpacks a pair, and
`judge.params(got, model, input_shape)` checks a tree of parameters before you use it.
'''
