"""Several runs: the command names each task that does not pass, and its exit status tells."""

from benchmarks import repeat


def week(status: str) -> dict:
    points = 2.0 if status == "passed" else 0.0
    task = {"name": "two_draws", "status": status, "points": points}
    task["message"] = "Both arrays\nare the same."
    return {
        "week": "week1",
        "seed": "a fingerprint",
        "points": points,
        "max_points": 2.0,
        "seconds": 1.0,
        "tasks": [task],
    }


def test_one_failure_in_a_row_is_named(monkeypatch, capsys):
    verdicts = iter(["passed", "failed", "passed"])
    monkeypatch.setattr(repeat, "graded", lambda weeks, rest: [week(next(verdicts))])
    assert repeat.main(["week1", "--runs", "3"]) == 1
    said = capsys.readouterr().out
    assert "Run 2: two_draws, failed. Both arrays" in said
    assert "2 of 3 runs passed every task." in said


def test_all_runs_pass(monkeypatch, capsys):
    monkeypatch.setattr(repeat, "graded", lambda weeks, rest: [week("passed")])
    assert repeat.main(["all", "--runs", "2"]) == 0
    said = capsys.readouterr().out
    assert "week1" in said, "the names of the weeks, not the word that stands for all of them"
    assert "2 of 2 runs passed every task." in said


def test_the_grader_runs_in_a_process_of_its_own():
    (result,) = repeat.graded(["week1"], ["--task", "set_last"])
    assert result["week"] == "week1"
    assert [task["status"] for task in result["tasks"]] == ["passed"]


def test_with_a_seed_another_verdict_is_named(monkeypatch, capsys):
    given = []

    def graded(weeks, rest):
        given.append(rest)
        return [week("failed" if len(given) == 1 else "passed")]

    monkeypatch.setattr(repeat, "graded", graded)
    assert repeat.main(["week1", "--runs", "2", "--seed", "3"]) == 1
    assert "Run 2: the verdicts differ from those of the first run." in capsys.readouterr().out
    assert all(rest[-2:] == ["--seed", "3"] for rest in given)
