"""Names what this machine lacks for a better tier, and the command that fixes it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

INSTALLERS = {
    "apt-get": "apt-get install -y",
    "dnf": "dnf install -y",
    "zypper": "zypper install -y",
    "pacman": "pacman -S --noconfirm",
    "apk": "apk add",
}
# A setting of the kernel, the value that forbids namespaces, and the command that changes it.
SETTINGS = (
    (
        *("kernel/unprivileged_userns_clone", "0"),
        "printf 'kernel.unprivileged_userns_clone=1\\n' | {sudo}tee /etc/sysctl.d/60-bwrap.conf && "
        "{sudo}sysctl --system",
    ),
    (
        *("user/max_user_namespaces", "0"),
        "printf 'user.max_user_namespaces=15000\\n' | {sudo}tee /etc/sysctl.d/60-bwrap.conf && "
        "{sudo}sysctl --system",
    ),
    (
        *("kernel/apparmor_restrict_unprivileged_userns", "1"),
        "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\n"
        "profile bwrap {bwrap} flags=(unconfined) {{ userns, }}\\n' | "
        "{sudo}tee /etc/apparmor.d/bwrap && {sudo}systemctl reload apparmor",
    ),
)
CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
CONTAINER_OPTIONS = (
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)


@dataclass(frozen=True)
class Lack:
    """Why a tier does not work.

    Attributes:
      reason: a sentence.
      remedy: the command to type, or words if there is none.
    """

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason} To fix it: {self.remedy}" if self.remedy else self.reason


def _sudo() -> str:
    return "" if os.geteuid() == 0 else "sudo "


def install(package: str) -> str:
    """Returns the command of this machine's package manager that installs a package."""
    for program, words in INSTALLERS.items():
        if shutil.which(program):
            return f"{_sudo()}{words} {package}"
    return f"install the package {package}"


def no_namespaces(said: str, settings: Path = Path("/proc/sys")) -> Lack:
    """Finds out what forbids namespaces.

    Args:
      said: bubblewrap's error message.
      settings: where the kernel shows its settings.
    """
    inside = any(os.path.exists(mark) for mark in CONTAINER_MARKS)
    for name, forbidding, command in SETTINGS:
        try:
            value = (settings / name).read_text().strip()
        except OSError:
            continue
        if value == forbidding:
            where = "of the machine that runs this container" if inside else "of this machine"
            bwrap = shutil.which("bwrap") or "/usr/bin/bwrap"
            return Lack(
                f"bubblewrap cannot make namespaces: the setting {name.replace('/', '.')} {where} "
                f"is {value}.",
                command.format(sudo=_sudo(), bwrap=bwrap) + (" (there)" if inside else ""),
            )
    if inside:
        return Lack(
            f"bubblewrap cannot make namespaces in this container ({said}).",
            f"start it with {CONTAINER_OPTIONS}",
        )
    return Lack(f"bubblewrap is installed but does not work ({said}).")
