"""Constants, and arguments returned unchanged, earn nothing in weeks 3 and 4."""

import numpy as np
import pytest

from grader.checks import week3, week4
from grader.judge.failure import Failure, PartsFailed
from grader.judge.judge import Judge
from grader.secret import Secret

CHECKS = (
    week3.check_convolve2d,
    week3.check_max_pool2d,
    week3.check_conv_output_size,
    week3.check_count_parameters,
    week3.check_activation_to_image,
    week4.check_convolve_rgb,
    week4.check_labels_from_folders,
    week4.check_steps_per_epoch,
    week4.check_sigmoid_cross_entropy,
)
ANSWERS = {
    **{repr(value): lambda *args, value=value: value for value in (None, True, False, 0, 1, [])},
    "the first argument": lambda *args: args[0],
    "the second argument": lambda *args: args[min(1, len(args) - 1)],
    "all arguments": lambda *args: args,
    "zeros": lambda *args: np.zeros(np.shape(args[0]), np.float32),
    "grey": lambda *args: np.full(np.shape(args[0]), 128, np.uint8),
}


class Answering:
    """A student who gives the same answer to everything."""

    last_function = last_call = "f(…)"

    def __init__(self, answer):
        self._answer = answer

    def numpy(self, array):
        return array

    def __getattr__(self, name):
        return lambda *args, **kwargs: self._answer(*args)


@pytest.mark.parametrize("check", CHECKS)
def test_it_earns_nothing(check):
    for name, answer in ANSWERS.items():
        secret = Secret.from_seed(1).stream("week", check.__name__)
        judge = Judge(Answering(answer), secret)
        with pytest.raises((Failure, PartsFailed)):
            check(judge._student, secret, judge)
            judge.finish()
        assert judge.earned == 0, name
