"""Similar code is found in disguise; code that the exercise supplies does not count."""

import ast
import io
import random
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import class_marks
from grader.classroom.policy import Policy
from grader.classroom.similarity import ALIKE, alike, class_pairs, fingerprints
from grader.cli.main import main
from grader.course import COURSE
from grader.intake.model import Handed, Intake
from grader.source.stubs import week_stub

WEEKS = ("week1", "week2", "week3")


def solution(week):
    return (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")


def renamed(source, seed=0):
    """The same program under other names, without comments and blank lines."""
    draw = random.Random(seed)
    names, out = {}, []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            continue
        text = token.string
        if token.type == tokenize.NAME and not text[0].isupper() and text not in KEPT:
            text = names.setdefault(text, f"v{draw.randrange(10**6)}")
        out.append((token.type, text))
    return tokenize.untokenize(out)


KEPT = {
    *("def class return for in if else elif not and or import from as lambda while with").split(),
    *("raise None True False is assert yield try except finally pass break continue").split(),
    *("del global nonlocal async await").split(),
}


def reordered(source):
    """The same functions in the opposite order."""
    parts = [ast.get_source_segment(source, node) or "" for node in ast.parse(source).body]
    return "\n\n\n".join(reversed(parts))


def other_answers(week):
    """Right answers to a week, one program for each style used in several tasks."""
    styles = defaultdict(list)
    for path in sorted((Path(__file__).parents[2] / "mistakes" / week).glob("*/right_*.py")):
        styles[path.name].append(path.read_text(encoding="utf-8"))
    return ["\n\n\n".join(texts) for texts in styles.values() if len(texts) > 1]


def shares(week, programs, references=None):
    pairs = alike(week, programs, references or {}, week_stub(COURSE, week))
    return {(pair.left, pair.right): pair.share for pair in pairs}


@pytest.mark.parametrize("week", WEEKS)
def test_a_disguised_copy_is_found_and_other_right_answers_are_not(week):
    programs = {
        "ada": solution(week),
        "bob": renamed(solution(week)),
        "cy": reordered(solution(week)),
        "stub": week_stub(COURSE, week),
    }
    programs |= {f"other{place}": text for place, text in enumerate(other_answers(week))}
    assert len(programs) >= 6
    found = shares(week, programs)
    assert set(found) == {("ada", "bob"), ("ada", "cy"), ("bob", "cy")}
    assert found["ada", "bob"] >= 0.95 and min(found.values()) >= 0.8


def test_a_part_that_is_copied_is_found_with_its_lines():
    source, week = solution("week3"), "week3"
    nodes = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    longest = sorted(nodes, key=lambda n: n.end_lineno - n.lineno)[-3:]
    copied = "\n\n".join(ast.get_source_segment(source, node) for node in longest)
    pairs = alike(week, {"ada": source, "bob": copied}, {}, week_stub(COURSE, week))
    (pair,) = pairs
    assert (pair.left, pair.right) == ("ada", "bob") and pair.share > 0.9
    spans = [range(node.lineno, node.end_lineno + 1) for node in longest]
    for first, last in pair.left_lines:
        assert any(first in span or last in span for span in spans)


def test_what_the_stub_and_most_of_the_class_have_counts_for_nothing():
    week = "week2"
    given = solution("week3")  # as if the instructor had shown it to everyone
    everybody = {f"s{k}": given for k in range(12)}
    assert shares(week, {"a": week_stub(COURSE, week), "b": week_stub(COURSE, week)}) == {}
    assert shares(week, everybody) == {}
    few = {name: everybody[name] for name in ("s0", "s1", "s2")}
    assert len(shares(week, few)) == 3
    assert len(shares(week, everybody, {"the board": fingerprints(given)})) == 12


def test_text_that_is_no_program_is_compared_as_far_as_it_can_be_read():
    source = solution("week3")
    broken = source + "\ndef broken(:\n    '''never closed\n"
    assert shares("week3", {"ada": source, "bob": broken})["ada", "bob"] > 0.9
    for text in ("", "\ud800", "(" * 5000, "\tx\n  y\n z", "'" * 99, "\0", "x" * 200_000):
        assert shares("week3", {"ada": text, "bob": text}) == {}


def test_who_takes_a_solution_or_a_piece_of_lib_is_told_in_the_report(gradebook):
    out = gradebook([], students=("ada", "bob", "cy"))
    pool = (COURSE.root / "lib/transfer/backbone.py").read_text(encoding="utf-8")
    texts = {"ada": renamed(solution("week1")), "bob": renamed(pool), "cy": "x = 1\n"}
    handed = {
        (name, "week1"): Handed(name, "week1", {"week1.py": text.encode()})
        for name, text in texts.items()
    }
    with Gradebook(out) as book:
        book.hand_in(Intake(sorted(texts), handed), ["week1"])
        pairs = class_pairs(book, class_marks(book, Policy()))
    found = {name: {p.right.split(" ")[0] for p in pairs if p.left == name} for name in texts}
    assert found["ada"] == {"solutions/week1.py"} and found["cy"] == set()
    assert "lib/transfer/backbone.py" in found["bob"] and "solutions/week1.py" not in found["bob"]
    assert all(pair.share >= ALIKE and pair.left_lines and pair.right_lines for pair in pairs)
    assert main(["report", str(out)]) == main(["report", str(out), "--format", "json"]) == 0
    page = (out / "report.html").read_text()
    assert 'id="similar"' in page and "solutions/week1.py" in page.split('id="similar"')[1]
    assert '"right": "solutions/week1.py"' in (out / "report.json").read_text()
