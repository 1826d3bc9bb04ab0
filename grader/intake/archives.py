"""Reads archives as streams: nothing is unpacked to disk, and no size in a header is trusted.

The standard library reads zips. Tars are read from their header blocks alone, since the standard
reader's patterns for extended headers take quadratic time on a hostile one.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_DEPTH = 3
MAX_UNPACKED = 64 * 2**20
MAX_ENTRIES = 20_000
MAX_DIRECTORY = 8 * 2**20  # of a zip: 20,000 entries with names of 350 bytes
MAX_EXTENDED = 64 * 2**10  # of a tar's long names and extended headers
XZ_MEMORY = 128 * 2**20  # `xz -9` needs 65 MiB
MAX_FOLDERS = 40  # of a path; with more, the middle is left out
LONGEST = 255  # characters of a part of a path, as in file systems
BLOCK = 512

Parts = tuple[str, ...]
# Maps a member's path to how many of its bytes are wanted at most; 0 for none.
Wanted = Callable[[Parts], int]

MAGIC = [
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"\x1f\x9d", "Z"),
]
ENDING = re.compile(
    r"(?P<stem>.*?)(?:\.(?:py|ipynb))?"
    r"(?P<ending>\.zip|\.tar(?:\.\w{1,4})?|\.t[gbx]z2?|\.tbz2|\.txz|\.tlz|\.gz|\.bz2|\.xz|\.lzma"
    r"|\.rar|\.7z|\.zst|\.z|\.ace|\.arj|\.lzh|\.cab|\.dmg|\.iso|\.sitx?|\.zipx)",
    re.IGNORECASE | re.DOTALL,
)
NOT_OPENED = {"rar", "7z", "zst", "Z", "ace", "arj", "lzh", "cab", "dmg", "iso", "sit"}
# Archives by their format, which hold no student's files.
DOCUMENTS = re.compile(
    r".*\.(?:docx?|xlsx?|pptx?|od[tsp]|epub|jar|whl|egg|npz|keras|pt|pth|pages|numbers|key|apk)",
    re.IGNORECASE | re.DOTALL,
)


class Unreadable(Exception):
    """A container or file cannot be read; the text says why and what to ask the student for."""


@dataclass
class Budget:
    """What may still be unpacked from a hand-in.

    Attributes:
      unpacked: bytes that are left.
      entries: entries that are left.
    """

    unpacked: int = field(default_factory=lambda: MAX_UNPACKED)
    entries: int = field(default_factory=lambda: MAX_ENTRIES)

    @property
    def is_spent(self) -> bool:
        """True if the limit was exceeded."""
        return self.unpacked < 0 or self.entries < 0

    def take(self, count: int) -> None:
        """Counts unpacked bytes.

        Raises:
          Unreadable: if fewer were left.
        """
        self.unpacked -= count
        if self.unpacked < 0:
            raise Unreadable(
                f"makes its hand-in exceed {MAX_UNPACKED >> 20} MiB unpacked; ask for the week "
                "files alone"
            )

    def enter(self, count: int = 1) -> None:
        """Counts entries.

        Raises:
          Unreadable: if fewer were left.
        """
        self.entries -= count
        if self.entries < 0:
            raise Unreadable(
                f"makes its hand-in exceed {MAX_ENTRIES:,} entries; ask for the week files alone"
            )


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Attributes:
      path: folders, inner archives and its name, each without a slash.
      data: its content; None if it was not wanted or cannot be read.
      problem: why it cannot be read, or "".
      container: True for an inner archive that cannot be read.
    """

    path: Parts
    data: bytes | None = None
    problem: str = ""
    container: bool = False


def has_archive_name(name: str) -> bool:
    """True for week1.zip, HAND-IN.ZIP, work.tar.gz …"""
    return ENDING.fullmatch(name) is not None


def stem_of(name: str) -> str:
    """Returns an archive's name without its ending."""
    found = ENDING.fullmatch(name)
    return found["stem"] if found and found["stem"] else name


def archive_kind(head: bytes, name: str) -> str:
    """Returns "zip", "tar", "gz" … from a file's first 512 bytes and its name; "" for others."""
    if DOCUMENTS.fullmatch(name):
        return ""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    ending = re.search(r"\.(\w+)$", name.casefold())
    last = ending[1] if ending else ""
    if not has_archive_name(name):
        return ""
    return {"lzma": "xz", "tlz": "xz", "z": "Z", "zipx": "zip", "sitx": "sit"}.get(last, last)


def members(
    file: BinaryIO, name: str, kind: str, budget: Budget, wanted: Wanted, depth: int = 1
) -> Iterator[Member]:
    """Yields the files of an archive, and of the archives in it.

    Args:
      file: the archive, seekable.
      name: its name.
      kind: as `archive_kind` returns it.
      budget: what may still be unpacked.
      wanted: maps a path to how many of its bytes are wanted at most.
      depth: how many archives are nested, including this one.

    Raises:
      Unreadable: if it cannot be opened, is damaged or exceeds a limit.
    """
    if kind in NOT_OPENED:
        raise Unreadable(f"is a .{kind} archive, which is not supported; ask for a .zip")
    if depth > MAX_DEPTH:
        raise Unreadable(
            f"is nested in more than {MAX_DEPTH - 1} other archives; ask for the week files alone"
        )
    try:
        if kind == "zip":
            yield from _zip(file, budget, wanted, depth)
        else:
            yield from _compressed(file, name, kind, budget, wanted, depth)
    except (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error, zipfile.BadZipFile):
        raise Unreadable("is damaged; ask for it again") from None
    except (struct.error, tarfile.TarError, OverflowError, MemoryError):
        raise Unreadable("is damaged; ask for it again") from None


def parts_of(name: str) -> Parts:
    """Returns the folders and the name of a member, without parts that leave its archive."""
    parts = [part for part in re.split(r"[\\/]+", name) if part not in ("", ".", "..")]
    if len(parts) > MAX_FOLDERS:
        parts = [*parts[: MAX_FOLDERS // 2], "…", *parts[-MAX_FOLDERS // 2 :]]
    return tuple(part[:LONGEST] for part in parts) or ("unnamed",)


def _inside(
    path: Parts, data: bytes, budget: Budget, wanted: Wanted, depth: int
) -> Iterator[Member]:
    """Yields a member that was read, or, if it is an archive itself, its members."""
    kind = archive_kind(data[:BLOCK], path[-1])
    if not kind:
        yield Member(path, data)
        return
    try:
        below, empty = lambda inner: wanted((*path, *inner)), True
        for member in members(io.BytesIO(data), path[-1], kind, budget, below, depth + 1):
            empty = False
            yield Member((*path, *member.path), member.data, member.problem, member.container)
        if empty:
            yield Member(path)
    except Unreadable as error:
        yield Member(path, None, str(error), container=True)
        if budget.is_spent:
            raise


def _limit(path: Parts, budget: Budget, wanted: Wanted) -> int:
    """Returns how many bytes to read: of an inner archive, as many as the budget allows."""
    return budget.unpacked + 1 if has_archive_name(path[-1]) else wanted(path)


def _too_large(limit: int) -> str:
    return f"is larger than {limit / 2**20:.0f} MiB"


# Zip --------------------------------------------------------------------------------------------


def _check_directory(file: BinaryIO) -> None:
    """Refuses a zip whose list of entries is too long, before anything reads the list.

    Raises:
      Unreadable: if it is too long or missing.
    """
    size = file.seek(0, io.SEEK_END)
    begin = max(0, size - 65_557)  # the longest comment, and the record itself
    file.seek(begin)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Unreadable("is damaged; ask for it again")
    entries, length = struct.unpack("<HL", tail[at + 10 : at + 16])
    locator = tail[max(0, at - 20) : at]
    if locator.startswith(b"PK\x06\x07"):  # zip64
        (place,) = struct.unpack("<Q", locator[8:16])
        file.seek(min(place, size))
        record = file.read(56)
        if record.startswith(b"PK\x06\x06") and len(record) == 56:
            entries, length = struct.unpack("<QQ", record[32:48])
    if entries > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise Unreadable(f"holds more than {MAX_ENTRIES:,} entries; ask for the week files alone")


def zip_name(entry: zipfile.ZipInfo) -> str:
    """Returns an entry's name in its actual encoding: UTF-8 or cp437."""
    name = entry.orig_filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            pass
    return name.split("\0")[0]


def open_zip(file: BinaryIO) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Opens a zip and lists its files, without folders.

    Raises:
      Unreadable: if it is damaged, too long, or its entries overlap, as those of a zip bomb do.
    """
    _check_directory(file)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, struct.error):
        raise Unreadable("is damaged; ask for it again") from None
    entries = archive.infolist()
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Unreadable("is damaged: its entries overlap; ask for it again")
        end = entry.header_offset + 30 + max(entry.compress_size, 0)
    return archive, [entry for entry in entries if not zip_name(entry).endswith(("/", "\\"))]


def is_zip_link(entry: zipfile.ZipInfo) -> bool:
    """True for an entry that is a link."""
    return entry.external_attr >> 16 & 0o170000 == 0o120000


def read_zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """Returns at most limit + 1 bytes of an entry.

    Raises:
      Unreadable: if it is encrypted, damaged, or compressed with an unknown method.
    """
    if entry.flag_bits & 1:
        raise Unreadable("is encrypted; ask for it without a password")
    try:
        with archive.open(entry) as stream:
            return stream.read(limit + 1)
    except NotImplementedError:
        raise Unreadable(
            "uses an unsupported compression method; ask for an ordinary .zip"
        ) from None
    except (EOFError, OSError, ValueError, RuntimeError, MemoryError, struct.error):
        raise Unreadable("is damaged; ask for it again") from None
    except (zipfile.BadZipFile, lzma.LZMAError, zlib.error):
        raise Unreadable("is damaged; ask for it again") from None


def _zip(file: BinaryIO, budget: Budget, wanted: Wanted, depth: int) -> Iterator[Member]:
    archive, entries = open_zip(file)
    budget.enter(len(entries))
    with archive:
        for entry in entries:
            path = parts_of(zip_name(entry))
            limit = _limit(path, budget, wanted)
            if is_zip_link(entry):
                yield Member(path, None, "is a link, which is not followed; ask for the file")
                continue
            if not limit:
                yield Member(path)
                continue
            try:
                data = read_zipped(archive, entry, limit)
            except Unreadable as error:
                yield Member(path, None, str(error), container=has_archive_name(path[-1]))
                continue
            budget.take(min(len(data), limit + 1))
            if len(data) > limit:
                yield Member(path, None, _too_large(limit))
            else:
                yield from _inside(path, data, budget, wanted, depth)


# Tar, and single compressed files ----------------------------------------------------------------


class _Xz(io.RawIOBase):
    """Unpacks .xz and .lzma with a limit on memory, which `lzma.open` does not have."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.decoder = lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = b""
        while not data:
            if self.decoder.eof:
                rest = (self.decoder.unused_data or self.file.read(BLOCK)).lstrip(b"\0")
                if not rest:
                    return 0
                self.decoder = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
            else:
                rest = self.file.read(2**16) if self.decoder.needs_input else b""
                if self.decoder.needs_input and not rest:
                    raise EOFError("the stream ends early")
            data = self.decoder.decompress(rest, len(buffer))
        buffer[: len(data)] = data
        return len(data)


OPENERS: dict[str, Callable[[BinaryIO], BinaryIO]] = {
    "gz": lambda file: gzip.GzipFile(fileobj=file),  # type: ignore[dict-item]
    "bz2": lambda file: bz2.BZ2File(file),  # type: ignore[dict-item]
    "xz": lambda file: io.BufferedReader(_Xz(file)),  # type: ignore[dict-item]
}
TAR_ENDINGS = {"tgz": "gz", "tbz": "bz2", "tbz2": "bz2", "tb2": "bz2", "txz": "xz"}


def _compressed(
    file: BinaryIO, name: str, kind: str, budget: Budget, wanted: Wanted, depth: int
) -> Iterator[Member]:
    file.seek(0)
    kind = TAR_ENDINGS.get(kind, kind)
    if kind == "tar":
        yield from _tar(_Counted(file, budget), budget, wanted, depth)
        return
    if kind not in OPENERS:
        raise Unreadable(f"is a .{kind} archive, which is not supported; ask for a .zip")
    stream = _Counted(OPENERS[kind](file), budget)
    head = stream.read(BLOCK)
    if head[257:262] == b"ustar" or re.search(r"\.(?:tar(?:\.\w+)?|t[gbx]z2?)$", name.casefold()):
        yield from _tar(stream, budget, wanted, depth, head)
        return
    budget.enter()
    path = (re.sub(r"\.\w{1,4}$", "", name) or name,)
    data = head + stream.read(budget.unpacked + 1)
    yield from _inside(path, data, budget, wanted, depth)


class _Counted:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self.stream = stream
        self.budget = budget

    def read(self, size: int) -> bytes:
        parts, left = [], size
        while left > 0:
            part = self.stream.read(min(left, 2**20))
            if not part:
                break
            self.budget.take(len(part))
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def skip(self, size: int) -> None:
        while size > 0:
            size -= len(self.read(min(size, 2**20))) or size


def _tar(
    stream: _Counted, budget: Budget, wanted: Wanted, depth: int, head: bytes = b""
) -> Iterator[Member]:
    long_name, seen = "", False
    while True:
        block = head or stream.read(BLOCK)
        head = b""
        if len(block) < BLOCK or not block.strip(b"\0"):
            if block.strip(b"\0") or not seen:
                raise Unreadable("is damaged; ask for it again")
            while stream.read(2**20):  # the checksum is at the end
                pass
            return
        entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        seen = True
        padded = -(-entry.size // BLOCK) * BLOCK
        if entry.size < 0:
            raise Unreadable("is damaged; ask for it again")
        if entry.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            if entry.size > MAX_EXTENDED:
                raise Unreadable("is damaged; ask for it again")
            extended = stream.read(padded)[: entry.size]
            if entry.type == tarfile.GNUTYPE_LONGNAME:
                long_name = extended.split(b"\0")[0].decode("utf-8", "surrogateescape")
            else:
                long_name = _pax_path(extended) or long_name
            continue
        if entry.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
            stream.skip(padded)
            continue
        path, long_name = parts_of(long_name or entry.name), ""
        if entry.isdir():
            continue
        budget.enter()
        if entry.type not in tarfile.REGULAR_TYPES or entry.type == tarfile.GNUTYPE_SPARSE:
            what = "a link" if entry.issym() or entry.islnk() else "not an ordinary file"
            yield Member(path, None, f"is {what} and was not read; ask for the file itself")
            stream.skip(padded if entry.type == tarfile.GNUTYPE_SPARSE else 0)
            continue
        limit = _limit(path, budget, wanted)
        if not 0 < entry.size <= limit:
            stream.skip(padded)
            small = entry.size == 0 and limit
            over = bool(limit) and entry.size > limit
            yield Member(path, b"" if small else None, _too_large(limit) if over else "")
            continue
        data = stream.read(padded)
        if len(data) < entry.size:
            raise Unreadable("is damaged; ask for it again")
        yield from _inside(path, data[: entry.size], budget, wanted, depth)


def _pax_path(extended: bytes) -> str:
    """Returns the path in a pax header such as "24 path=a/b/week1.py\\n"; "" if it has none."""
    at, path = 0, ""
    while at < len(extended):
        space = extended.find(b" ", at, at + 20)
        if space < 0 or not extended[at:space].isdigit():
            break
        length = int(extended[at:space])
        key, _, value = extended[space + 1 : at + length - 1].partition(b"=")
        if key == b"path":
            path = value.decode("utf-8", "surrogateescape")
        if key.startswith(b"GNU.sparse"):
            raise Unreadable("holds a sparse file; ask for an ordinary .zip")
        if length <= space - at:
            break
        at += length
    return path
