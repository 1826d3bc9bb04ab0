"""The gradebook's folder: what is in it after a stop, and after an older version."""

import json
import sqlite3

from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import class_marks
from grader.classroom.policy import Policy

PASSED = ("passed",) * 20


def test_the_file_of_a_verdict_is_put_back_where_it_is_lost_or_of_another_attempt(gradebook):
    out = gradebook([("ada", "week1", PASSED, None), ("ada", "week1", ("failed",), None)])
    path = out / "results/ada/week1.json"
    assert json.loads(path.read_text())[0]["tasks"][0]["status"] == "failed"
    with Gradebook(out) as book:
        first, last = book.attempts("ada", "week1")
        book.write_result("ada", "week1", first.digest)
        assert json.loads(path.read_text()) == [first.result]
        path.unlink()
        book.write_result("ada", "week1", last.digest)
        assert json.loads(path.read_text()) == [last.result]


def test_a_folder_that_knows_no_times_keeps_its_marks(gradebook):
    out = gradebook([("ada", "week1", PASSED, None)])
    with sqlite3.connect(out / "grades.sqlite") as base:
        base.execute("drop table arrival")
    base.close()
    with Gradebook(out) as book:
        ada, bob = class_marks(book, Policy()).students
    assert ada.weeks[0].points == ada.weeks[0].worth and bob.total == 0
