'''The rubric: one file a week, one function a task, run by the grader through pytest.

A check calls the student's functions through `student`, compares what comes back with its own
computation through `judge`, and takes fresh inputs from `secret`. What stands in `@task(...)` is
literal: it is read without running the file.

    import jax.numpy as jnp
    import numpy as np

    import lib
    from grader.judge import accuracy
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
        data = judge.data("fashion_mnist", train=6000, test=2000)
        params = student.train_cnn(data.train.images, data.train.labels, secret.key("train"))
        logits = lib.fashion_cnn().apply({"params": params}, lib.as_input(data.test.images))
        reached = accuracy(logits, data.test.labels)
        judge.check(reached >= 0.8, f"It reaches {reached:.3f} on new pictures.", hint="...")

Arrays reach the student as JAX arrays (`student.numpy(array)` for a NumPy one), keys as typed
keys. Results come back as NumPy arrays, numbers, strings, lists, tuples, dicts; figures as
`{"title", "axes": [{"title", "xlabel", "ylabel", "xticks", "yticks", "legend", "texts",
"lines": [{"label", "x", "y"}], "bars": [{"label", "heights", "positions", "horizontal"}],
"images": [array]}]}`; everything else as a `Handle` (see `grader.judge.student`). In a
training task the parameters' tree must be checked before it is used: a worker may send anything,
and `judge.params(got, model, input_shape)` does that.
'''
