"""Answers with few possible values: many cases in random order, right only if all of them are.

One such answer proves little: neither that the rule behind it is right nor which wrong rule it is.
A known mistake is named only if it gives the student's answer in every case.
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
    """Fails at the first case with a wrong answer.

    Args:
      judge: the fixture.
      cases: all cases, in the order of the questions.
      mistakes: sentence to the answers that a known mistake gives, case by case.
      hint: what to try if no known mistake gives these answers.
    """
    for case in cases:
        if not _is(case.got, case.right):
            known = (
                sentence
                for sentence, answers in mistakes.items()
                if all(map(_is, (case.got for case in cases), answers))
            )
            got = repr(case.got)[:120] if isinstance(case.got, str) else case.got
            judge.fail(case.told, next(known, hint), got=got, expected=repr(case.right))


def _is(got: Any, answer: Any) -> bool:
    return type(got) is type(answer) and got == answer
