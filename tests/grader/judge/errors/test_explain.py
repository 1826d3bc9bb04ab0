"""How an exception is explained: its rows, the student's line, and what to try."""

from pathlib import Path

import pytest

from grader.judge.explain import explain, explain_unreadable
from grader.judge.student import StudentRaised
from grader.source.submission import Submission
from grader.worker.inside.raising import message, raised

SOURCE = "import jax\n\ndef f(x):\n    return g(x)\n\ndef g(x):\n    return x.valuse\n"
SUBMISSION = Submission("week1", Path("week1.py"), SOURCE)


def explained(kind, text, frames=((4, "f"), (7, "g"))):
    error = StudentRaised({"type": kind, "message": text, "frames": list(frames)})
    return explain(error, SUBMISSION)


def test_an_error_is_followed_by_what_happened_the_line_and_what_to_do():
    rows, hint = explained("NameError", "name 'y' is not defined. Did you mean: 'x'?")
    assert rows == [
        ("your code raised", "NameError: name 'y' is not defined. Did you mean: 'x'?"),
        ("", "Nothing is called y at this line."),
        ("your line", "week1.py:7  return x.valuse"),
        ("called from", "week1.py:4  return g(x)"),
    ]
    assert hint.startswith("Check the spelling")


def test_an_error_that_the_catalogue_does_not_have_is_shown_alone():
    rows, hint = explained("PuzzlingError", "puzzled")
    assert rows[0] == ("your code raised", "PuzzlingError: puzzled")
    assert rows[1][0] == "your line" and hint == ""


def test_an_error_on_import_says_so_whatever_it_is():
    rows, hint = explained("NameError", "name 'y' is not defined", [(1, "<module>")])
    assert ("", "This line ran during the import of the file, before any task.") in rows
    assert "Check the spelling" in hint and 'if __name__ == "__main__":' in hint


def test_places_of_modules_and_objects_are_left_out():
    said = "cannot import name 'a' from 'math' (/usr/lib/math.so) for <f at 0x7f01ab>"
    rows, _ = explained("ImportError", said)
    assert rows[0][1] == "ImportError: cannot import name 'a' from 'math' for <f>"


def test_an_error_in_none_of_the_lines_is_advised_by_what_was_returned():
    said = "__init__() takes 1 positional arguments but 2 were given"
    error = StudentRaised({"type": "TypeError", "message": said, "frames": []})
    rows, _ = explain(error, SUBMISSION, returned="return nn.Sequential( [ lib.Flatten, ] )")
    assert rows[1] == ("", "`lib.Flatten` is a class, not a layer: write `lib.Flatten()`.")


def test_the_braces_and_dollars_of_a_message_stay_what_they_are():
    rows, hint = explained("KeyError", "'$name {x} \\\\g<1>'")
    assert ("", "There is no key '$name {x} \\\\g<1>' here.") in rows and "d.get(" in hint


@pytest.mark.parametrize("kind", ["TypeError", "ValueError", "AttributeError", "IndexError"])
@pytest.mark.parametrize("text", ["", "\n", "'" * 2000, "(1, " * 500, "a.<locals>." * 190])
def test_any_text_is_explained_at_once(kind, text):
    rows, _ = explained(kind, text)
    assert rows and all(len(row) < 400 for _, row in rows)


def test_what_python_cannot_read_gets_what_to_do():
    rows, hint = explain_unreadable("Python cannot read this line: expected ':'.", "if x")
    assert len(rows) == 2 and "colon" in rows[1][1] and hint
    assert explain_unreadable("It is nested too deeply.", "") == (
        [("", "It is nested too deeply.")],
        "",
    )


class Box:
    """An object with an attribute that is often misspelt."""

    values = 3


def test_pythons_did_you_mean_is_kept():
    def attribute():
        return Box().valuse  # type: ignore

    def name():
        values = 3
        return valuse + values  # type: ignore  # noqa: F821

    for function in (attribute, name):
        with pytest.raises((AttributeError, NameError)) as caught:
            function()
        assert message(caught.value).endswith("Did you mean: 'values'?")


def test_a_suggestion_is_not_repeated_and_nothing_is_printed(capsys):
    error = NameError("name 'a' is not defined. Did you mean: 'b'?")
    assert message(error) == "name 'a' is not defined. Did you mean: 'b'?"
    assert message(ValueError("Did you mean it?")) == "Did you mean it?"
    assert capsys.readouterr() == ("", "")


def test_an_exception_without_text_is_described():
    class Mute(NameError):
        def __str__(self):
            raise RuntimeError

    described = raised(Mute(), "week1.py")
    assert described["type"] == "Mute" and "cannot be shown: RuntimeError" in described["message"]
    assert described["frames"] == [] and described["line"] is None
