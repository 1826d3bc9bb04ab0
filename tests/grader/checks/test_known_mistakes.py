"""No two known mistakes of a check give the same value: each sentence has one cause."""

import itertools

import numpy as np
import pytest

from grader.checks import week3, week4
from grader.checks.networks import ConvNet, common_totals
from grader.judge.judge import Judge
from grader.secret import Secret


class AnsweringNothing:
    """A student whose functions all return None."""

    last_function = last_call = "f(…)"

    def numpy(self, array):
        return array

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


@pytest.fixture
def compared(monkeypatch):
    """Runs a check that compares nothing; returns the right value and the mistakes of each call."""

    def compared(check, seed):
        calls = []

        def same(self, got, expected, what="", *, mistakes=None, atol=1e-5, rtol=1e-4, **options):
            calls.append((expected, mistakes or {}, atol, rtol))

        monkeypatch.setattr(Judge, "same", same)
        secret = Secret.from_seed(seed).stream("week", check.__name__)
        student = AnsweringNothing()
        check(student, secret, Judge(student, secret))
        return calls

    return compared


def alike(one, other, atol, rtol):
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and np.allclose(one, other, rtol, atol)


CHECKS = (
    week3.check_convolve2d,
    week4.check_convolve_rgb,
    week4.check_sigmoid_cross_entropy,
)


@pytest.mark.parametrize("check", CHECKS)
def test_no_two_mistakes_come_to_one_value(check, compared):
    for right, mistakes, atol, rtol in itertools.chain(*(compared(check, k) for k in range(5))):
        wrong = {
            sentence: value
            for sentence, value in mistakes.items()
            # Two ways to limit a probability come to nearly the same.
            if not alike(value, right, atol, rtol) and "clipped the prob" not in sentence
        }
        for (one, a), (other, b) in itertools.combinations(wrong.items(), 2):
            assert not alike(a, b, atol, rtol), (one, other)


def test_the_first_network_tells_all_ways_to_count_apart(compared):
    for seed in range(20):
        calls = compared(week3.check_count_parameters, seed)
        right, mistakes, *_ = next(call for call in calls if len(call[1]) > 10)
        assert len({right, *mistakes.values()}) == 1 + len(mistakes)
        assert len(mistakes) == 13


@pytest.mark.parametrize(
    "net",
    [
        week3.CNN,
        ConvNet(300, 3, (16, 32, 64), 512, 1),
        ConvNet(150, 3, (32, 64, 128, 128), 512, 2),
    ],
)
def test_each_wrong_network_has_a_number_of_parameters_of_its_kind(net):
    assert len(common_totals(net)) == 7
    assert net.total() not in common_totals(net)
