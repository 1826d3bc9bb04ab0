"""Filters the worker's system calls: no network, no namespaces, no access to other processes.

libseccomp writes the filter, and no later code can remove it. Without the library there is no
filter, and the tier relies on its other means. The worker imports this file from a separate folder,
so it needs only the standard library.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import socket
from typing import Any

LIBRARY = "libseccomp.so.2"
# Calls that no exercise needs, but attacks on a kernel or on other processes do.
REFUSED = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"),
    *("bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),  # it could open sockets
    *("mount", "umount2", "move_mount", "open_tree", "mount_setattr", "pivot_root", "chroot"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "open_by_handle_at", "unshare", "setns"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    *("shmget", "semget", "msgget", "mq_open"),  # they would outlive the worker
    "sched_setaffinity",  # in a class, each worker has one core
    *("acct", "quotactl", "reboot", "swapon", "swapoff", "syslog", "settimeofday"),
    *("clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname"),
)
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NOT_EQUAL, MASKED_EQUAL = 1, 7
ATTRIBUTE_SSB = 7  # keeps the processor's store bypass; without it, older kernels are slower


class Compare(ctypes.Structure):
    """libseccomp's `scmp_arg_cmp`: a condition on one argument of a call."""

    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    ]


@functools.cache
def library() -> Any:
    """Returns libseccomp, or None if it is not installed."""
    try:
        found = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_init.argtypes = [ctypes.c_uint32]
    found.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)
    ]
    found.seccomp_attr_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]
    found.seccomp_load.argtypes = found.seccomp_release.argtypes = [ctypes.c_void_p]
    return found


def install(network: bool) -> bool:
    """Installs the filter for this process and everything it starts, permanently.

    Args:
      network: whether to allow sockets other than those within the machine.

    Returns:
      True if it is active; False if libseccomp is missing or the kernel cannot.
    """
    seccomp = library()
    if seccomp is None:
        return False
    context = seccomp.seccomp_init(ALLOW)
    if not context:
        return False

    def refuse(name: str, *conditions: Compare, error: int = errno.EPERM) -> bool:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # this machine has no such call
            return True
        array = (Compare * len(conditions))(*conditions)
        added = seccomp.seccomp_rule_add_array(
            context, ERRNO | error, number, len(conditions), array
        )
        return added == 0

    try:
        seccomp.seccomp_attr_set(context, ATTRIBUTE_SSB, 1)
        good = all([refuse(name) for name in REFUSED])
        # Its flags are in memory, which a filter cannot read; libraries fall back to `clone`.
        good &= refuse("clone3", error=errno.ENOSYS)
        good &= all([refuse("clone", Compare(0, MASKED_EQUAL, bit, bit)) for bit in NAMESPACES])
        if not network:
            good &= refuse("socket", Compare(0, NOT_EQUAL, int(socket.AF_UNIX), 0))
        return good and seccomp.seccomp_load(context) == 0
    finally:
        seccomp.seccomp_release(context)
