"""What a process that touches strangers' bytes gives up, as far as the platform allows.

On Linux (x86-64, arm64) a seccomp filter takes away sockets, new processes and programs, signals to others and every
change to the file system; elsewhere, and where the filter is refused, a network namespace of its own is tried. Limits
of the `resource` module hold on every POSIX system.
"""

import ctypes
import ctypes.util
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CLONE_THREAD = 0x00010000
_SIGKILL = 9
_EPERM = 1
_ENOSYS = 38

# Classic BPF: load word, jump if equal / greater or equal / any bit set, return.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENT_0_AT = 0, 4, 16
_X32_NUMBERS_FROM = 0x40000000


@dataclass(frozen=True, slots=True)
class _Architecture:
    """Numbers of the system calls that are taken away (Linux, asm/unistd.h)."""

    audit: int
    clone: int
    clone3: int
    refused: tuple[int, ...]


_ARCHITECTURES = {
    "x86_64": _Architecture(
        audit=0xC000003E,
        clone=56,
        clone3=435,
        refused=(
            # socket, connect, bind, listen, fork, vfork, execve, kill
            *(41, 42, 49, 50, 57, 58, 59, 62),
            # truncate, rename, mkdir, rmdir, creat, link, unlink, symlink, chmod, fchmod, chown, fchown, lchown
            *(76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94),
            # ptrace, mknod, chroot, mount, umount2, unlinkat, mkdirat, mknodat, fchownat, renameat, linkat
            *(101, 133, 161, 165, 166, 263, 258, 259, 260, 264, 265),
            # symlinkat, fchmodat, unshare, setns, process_vm_readv/writev, renameat2, bpf, execveat, io_uring (3)
            *(266, 268, 272, 308, 310, 311, 316, 321, 322, 425, 426, 427),
        ),
    ),
    "aarch64": _Architecture(
        audit=0xC00000B7,
        clone=220,
        clone3=435,
        refused=(
            # mknodat, mkdirat, unlinkat, symlinkat, linkat, renameat, umount2, mount, truncate
            *(33, 34, 35, 36, 37, 38, 39, 40, 45),
            # chroot, fchmod, fchmodat, fchownat, fchown, unshare, ptrace, kill, socket, bind, listen, connect
            *(51, 52, 53, 54, 55, 97, 117, 129, 198, 200, 201, 203),
            # execve, setns, process_vm_readv/writev, renameat2, bpf, execveat, io_uring (3)
            *(221, 268, 270, 271, 276, 280, 281, 425, 426, 427),
        ),
    ),
}


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


@dataclass(frozen=True, slots=True)
class Confinement:
    """What was achieved: whether the network is out of reach and whether system calls are filtered."""

    network_isolated: bool
    calls_filtered: bool


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that made it ends (Linux)."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def confine(memory_bytes: int, files: int) -> Confinement:
    """Give up, for ever, what reading a document does not need. Call in a process with one thread.

    `memory_bytes` is what may be added to the address space that is mapped now.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, files)
    _limit(resource.RLIMIT_AS, _mapped_bytes() + memory_bytes)
    if sys.platform != "linux":
        return Confinement(network_isolated=False, calls_filtered=False)
    libc = _libc()
    filtered = _filter_calls(libc)
    isolated = filtered or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    return Confinement(network_isolated=isolated, calls_filtered=filtered)


def renew_cpu(seconds: int) -> None:
    """Allow `seconds` of processor time from now; beyond, the kernel ends the process with SIGXCPU."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (bound, bound))


def _mapped_bytes() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _filter_calls(libc: ctypes.CDLL) -> bool:
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None or sys.byteorder != "little" or struct.calcsize("P") != 8:
        return False
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    code = _filter_code(architecture)
    held = ctypes.create_string_buffer(code, len(code))
    program = _FilterProgram(len(code) // 8, ctypes.addressof(held))
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter_code(architecture: _Architecture) -> bytes:
    """The filter: foreign call tables kill, clone only makes threads, clone3 does not exist, the refused get EPERM."""

    def step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("<HBBI", code, if_true, if_false, operand)

    refusals = sorted(architecture.refused)
    steps = [
        step(_LOAD, _ARCHITECTURE_AT),
        step(_IF_EQUAL, architecture.audit, 1, 0),
        step(_RETURN, _KILL_PROCESS),
        step(_LOAD, _NUMBER_AT),
        step(_IF_AT_LEAST, _X32_NUMBERS_FROM, 0, 1),
        step(_RETURN, _ERRNO | _ENOSYS),
        step(_IF_EQUAL, architecture.clone3, 0, 1),
        step(_RETURN, _ERRNO | _ENOSYS),
        step(_IF_EQUAL, architecture.clone, 0, 4),
        step(_LOAD, _ARGUMENT_0_AT),
        step(_IF_ANY_BIT, _CLONE_THREAD, 0, 1),
        step(_RETURN, _ALLOW),
        step(_RETURN, _ERRNO | _EPERM),
    ]
    for at, number in enumerate(refusals):
        steps.append(step(_IF_EQUAL, number, len(refusals) - at, 0))
    steps += [step(_RETURN, _ALLOW), step(_RETURN, _ERRNO | _EPERM)]
    return b"".join(steps)
