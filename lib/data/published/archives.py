"""Reads the pictures in published archives without unpacking them."""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lib.data.dataset import DataError
from lib.data.files.decoding import MOST_BYTES


class Archive(NamedTuple):
    """A published file, and a pattern for the members that are pictures of one split.

    Attributes:
      url: the address of the file; the last part is its name.
      members: matches the path of a picture; the group "label" is its class.
    """

    url: str
    members: str

    @property
    def file_name(self) -> str:
        """The name of the file."""
        return self.url.rpartition("/")[2]


class Picture(NamedTuple):
    """A file with a picture.

    Attributes:
      path: its path in the archive or folder.
      label: the name of its class there.
      content: the bytes of the file.
    """

    path: str
    label: str
    content: bytes


def pictures(path: Path, members: str) -> Iterator[Picture]:
    """Reads the pictures of an archive one by one.

    Args:
      path: a .zip or .tgz file; its content decides which, not its name.
      members: as in `Archive`.

    Yields:
      The members that match, in the order of the archive.

    Raises:
      DataError: if the file is not an archive, or is damaged.
    """
    wanted = re.compile(members)
    try:
        every = _zip if zipfile.is_zipfile(path) else _tar
        for name, content in every(path, wanted):
            match = wanted.match(name)
            assert match
            yield Picture(name, match["label"], content)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError) as error:
        reason = str(error).partition("\n")[0].rstrip(":") or type(error).__name__
        raise DataError(
            f"The file {path} is damaged or not an archive ({reason}); download it again."
        ) from None
    except OSError as error:
        raise DataError(f"The archive {path} cannot be read ({error}); check it.") from None


def _zip(path: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if wanted.match(member.filename) and member.file_size <= MOST_BYTES:
                yield member.filename, archive.read(member)


def _tar(path: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isreg() and wanted.match(member.name) and member.size <= MOST_BYTES:
                file = archive.extractfile(member)
                assert file
                yield member.name, file.read()
