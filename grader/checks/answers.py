"""Answers that are one of few values: many cases in drawn order, and right only if all of them are.

One such answer proves little, neither that the rule behind it is right nor which other rule it is.
So a known mistake is named only if it gives what came in every case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.judge.judge import Judge


@dataclass(frozen=True)
class Case:
    """One question.

    Attributes:
      told: a sentence about its inputs, for the message.
      right: the answer.
      got: what the student's code answered.
    """

    told: str
    right: Any
    got: Any


def judge_answers(
    judge: Judge, cases: Sequence[Case], mistakes: Mapping[str, Sequence[Any]], hint: str
) -> None:
    """Fails at the first case whose answer is another one.

    Args:
      judge: the fixture.
      cases: all of them, in the order in which they were asked.
      mistakes: sentence to the answers, case by case, that a known mistake gives.
      hint: what to try where the answers are those of none.
    """
    for case in cases:
        if not _is(case.got, case.right):
            known = (
                sentence
                for sentence, answers in mistakes.items()
                if all(map(_is, (case.got for case in cases), answers))
            )
            judge.fail(case.told, next(known, hint), got=case.got, expected=repr(case.right))


def _is(got: Any, answer: Any) -> bool:
    return type(got) is type(answer) and got == answer
