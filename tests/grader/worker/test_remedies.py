"""Which tier this machine offers, why not a better one, and the command that fixes it."""

import os
import subprocess
import sys

import pytest

from grader.cli.main import main
from grader.worker import bubblewrap, other_user, remedies, tiers
from grader.worker.inside import syscall_filter
from grader.worker.remedies import Lack


@pytest.fixture(autouse=True)
def asked_anew():
    """Forgets what was found out in a changed world."""
    yield
    bubblewrap.sandbox_lack.cache_clear()
    tiers.user_lack.cache_clear()


def settings(folder, **values):
    for name, value in values.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")
    return folder


@pytest.mark.parametrize(
    ("values", "reason", "command"),
    [
        ({"kernel__unprivileged_userns_clone": 0}, "is 0", "sysctl --system"),
        ({"user__max_user_namespaces": 0}, "is 0", "user.max_user_namespaces=15000"),
        (
            {"kernel__apparmor_restrict_unprivileged_userns": 1, "user__max_user_namespaces": 9},
            "apparmor_restrict_unprivileged_userns",
            "systemctl reload apparmor",
        ),
    ],
)
def test_a_setting_of_the_kernel_is_named_with_its_command(
    tmp_path, monkeypatch, values, reason, command
):
    monkeypatch.setattr(remedies, "CONTAINER_MARKS", ())
    lack = remedies.no_namespaces("bwrap: no", settings(tmp_path, **values))
    assert reason in lack.reason and command in lack.remedy and command in str(lack)
    monkeypatch.setattr(remedies, "CONTAINER_MARKS", (str(tmp_path),))
    lack = remedies.no_namespaces("bwrap: no", settings(tmp_path, **values))
    assert "runs this container" in lack.reason and lack.remedy.endswith("(there)")


def test_the_apparmor_profile_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(remedies, "CONTAINER_MARKS", ())
    world = settings(tmp_path, kernel__apparmor_restrict_unprivileged_userns=1)
    command = remedies.no_namespaces("", world).remedy.split(" | ")[0]
    text = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert text.splitlines()[:2] == ["abi <abi/4.0>,", "include <tunables/global>"]
    assert text.splitlines()[2].endswith("flags=(unconfined) { userns, }")


def test_a_container_needs_options(tmp_path, monkeypatch):
    monkeypatch.setattr(remedies, "CONTAINER_MARKS", (str(tmp_path),))
    lack = remedies.no_namespaces("bwrap: no", tmp_path / "none")
    assert "bwrap: no" in lack.reason and "--security-opt seccomp=unconfined" in lack.remedy
    monkeypatch.setattr(remedies, "CONTAINER_MARKS", ())
    assert "bwrap: no" in str(remedies.no_namespaces("bwrap: no", tmp_path / "none"))


def test_what_is_not_installed_is_named_with_its_command(monkeypatch):
    found = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr("shutil.which", found.get)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    bubblewrap.sandbox_lack.cache_clear()
    assert bubblewrap.sandbox_lack() == Lack(
        "bubblewrap is not installed.", "sudo apt-get install -y bubblewrap"
    )
    assert "only root" in str(other_user.lack([], [], []))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "apt-get install -y util-linux" in str(other_user.lack([], [], []))
    found["setpriv"] = "/usr/bin/setpriv"
    monkeypatch.setattr(syscall_filter, "library", lambda: None)
    assert "apt-get install -y libseccomp2" in str(other_user.lack([], [], []))
    monkeypatch.setattr("sys.platform", "darwin")
    assert "needs Linux" in str(other_user.lack([], [], []))


def test_another_user_must_not_see_what_is_trusted(tmp_path_factory, monkeypatch, open_python):
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can run something as another user")
    monkeypatch.setattr("sys.executable", open_python[0])
    closed, place = tmp_path_factory.mktemp("closed"), "/usr/share"
    (closed / "file").write_text("x")
    assert other_user.lack([str(closed), str(closed / "file")], [], ["/usr"]) is None
    lack = other_user.lack([place, str(closed)], [], ["/usr"])
    assert lack is not None and lack.remedy == f"chmod go= {place}"
    lack = other_user.lack([], [place], ["/usr"])
    assert lack is not None and place in lack.reason
    lack = other_user.lack([], [], [str(closed)])
    assert lack is not None and "what Python needs" in lack.reason


def test_no_two_workers_are_the_same_user():
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can run something as another user")
    first, second = other_user.reserve(), other_user.reserve()
    assert first.number != second.number
    first.release()
    third = other_user.reserve()
    assert third.number == first.number
    second.release()
    third.release()


@pytest.mark.parametrize(
    ("sandbox", "user", "said", "not_said"),
    [
        (None, None, ["sandbox: student code sees"], ["no sandbox", "no user"]),
        (Lack("it is 0.", "set it"), None, ["user: ", "no sandbox", "set it"], ["no user"]),
        (
            Lack("it is 0.", "set it"),
            Lack("all can read /x.", "chmod go= /x"),
            ["process: ", "it is 0.", "set it", "all can read /x.", "chmod go= /x"],
            ["sandbox: "],
        ),
    ],
)
def test_doctor_names_the_tier_and_the_fix(monkeypatch, capsys, sandbox, user, said, not_said):
    monkeypatch.setattr(bubblewrap, "sandbox_lack", lambda: sandbox)
    monkeypatch.setattr(tiers, "user_lack", lambda private=(): user)
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert all(part in out for part in said) and not any(part in out for part in not_said)
    monkeypatch.undo()
