"""The questions at the end of a lesson, asked in a terminal, or printed with answers in a pipe."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from grader.cli.usage import UsageError
from grader.course import Course
from grader.results.text import console, prose

SECTION = re.compile(r"^## Questions[ \t]*$", re.MULTILINE)
NUMBER = re.compile(r"^(?=\*\*\d+\. )", re.MULTILINE)
QUESTION = re.compile(
    r"\*\*\d+\. (?P<text>.+?)\*\*\n\s*\n(?P<choices>- a\) .+?)\n\s*\n"
    r"<details><summary>Answer</summary>\s+"
    r"\*\*(?P<answer>[a-z])\)\*\* (?P<reason>.+?)\s+</details>\s*",
    re.DOTALL,
)
CHOICE = re.compile(r"^- ([a-z])\) ", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A question that tests understanding.

    Attributes:
      text: what is asked.
      choices: by their letters.
      answer: the letter of the right one.
      reason: why it is right.
    """

    text: str
    choices: dict[str, str]
    answer: str
    reason: str


def read_questions(lesson: str) -> list[Question]:
    """Reads the questions of a lesson.

    Args:
      lesson: its Markdown. `## Questions` is the last section; each question is a bold line that
        begins with its number, a list of choices, and the answer with its reason in `<details>`.

    Returns:
      The questions in turn; none if there is no such section.

    Raises:
      ValueError: for a question in another form.
    """
    _, *sections = SECTION.split(lesson)
    parts = NUMBER.split(sections[-1])[1:] if sections else []
    return [_question(part, number) for number, part in enumerate(parts, start=1)]


def _question(part: str, number: int) -> Question:
    found = QUESTION.fullmatch(part)
    if found is None:
        raise ValueError(f"question {number} does not have the required form")
    _, *choices = CHOICE.split(found["choices"])
    made = dict(zip(choices[::2], map(prose, choices[1::2]), strict=True))
    if found["answer"] not in made:
        raise ValueError(f"question {number} has no choice {found['answer']}")
    return Question(prose(found["text"]), made, found["answer"], prose(found["reason"]))


def ask(course: Course, week: str) -> int:
    """Asks the questions of a week's lesson; outside a terminal, prints them with answers.

    Returns:
      The exit status.
    """
    name = f"exercises/{week}.md"
    try:
        questions = read_questions((course.exercises / f"{week}.md").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no {name}.") from None
    except ValueError as error:
        raise UsageError(f"{name}: {error}.") from None
    if not questions:
        print(f"{name} has no questions.")
        return 0
    out = console()
    asks = out.is_terminal and sys.stdin.isatty()
    width = out.width if out.is_terminal else None
    right = 0
    for number, question in enumerate(questions, start=1):
        out.print(prose(f"{number}. {question.text}", width), style="bold")
        for letter, choice in question.choices.items():
            out.print(prose(f"{letter}) {choice}", width, indent=3))
        said = "Answer: "
        if asks:
            given = _answer(list(question.choices))
            if not given:
                return 0
            right += given == question.answer
            said = "Right. " if given == question.answer else "No. "
        answer = f"{said}{question.answer}) {question.reason}"
        out.print(prose(answer, width, indent=3), style="dim" if not asks else None)
        out.print()
    if asks:
        out.print(f"{right} of {len(questions)} right. These questions give no points.")
    return 0


def _answer(letters: list[str]) -> str:
    """Asks until one of the letters is typed; returns "" at the end of the input (Ctrl-D)."""
    choices = f"{', '.join(letters[:-1])} or {letters[-1]}"
    while True:
        try:
            given = input(f"   {choices}? ").strip().lower().rstrip(").")
        except EOFError:
            print()
            return ""
        if given in letters:
            return given
