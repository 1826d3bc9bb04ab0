"""Answers to the tasks that train, in a separate file so that two cores share the work."""

import pytest

from tests.mistakes.test_answers import chosen, judge_right, judge_wrong


@pytest.mark.parametrize("answer", chosen(right=False, training=True))
def test_wrong_training_gets_a_message_that_teaches(answer, grade, swap, teaches):
    judge_wrong(answer, grade, swap, teaches)


@pytest.mark.parametrize("answer", chosen(right=True, training=True))
def test_right_training_in_another_form_passes(answer, grade, swap):
    judge_right(answer, grade, swap)
