"""`python -m benchmarks NAME` runs every benchmark."""

from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import speed

FOLDER = Path(command.__file__).parent


def test_every_benchmark_is_known_by_its_name():
    programs = {
        f.stem for f in FOLDER.glob("*.py") if 'prog="python -m benchmarks' in f.read_text()
    }
    assert programs == {*command.OTHERS, "speed"}


@pytest.mark.parametrize("name", command.OTHERS)
def test_every_benchmark_has_help(name, capsys):
    module = __import__(f"benchmarks.{name}", fromlist=["main"])
    with pytest.raises(SystemExit) as done:
        module.main(["--help"])
    assert done.value.code == 0 and f"python -m benchmarks.{name}" in capsys.readouterr().out


def test_the_help_of_the_first_lists_the_others(capsys):
    with pytest.raises(SystemExit):
        speed.parse(["--help"])
    told = "".join(capsys.readouterr().out.split())
    assert all(f".{name}" in told for name in command.OTHERS)
