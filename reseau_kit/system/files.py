"""Opens files without following links or waiting for pipes, replaces them atomically, and makes random ids."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path


def new_id() -> str:
    """Return a random name for an event or an origin: 16 hexadecimal digits."""
    return os.urandom(8).hex()


#: Permissions of a file with answers: only for its owner.
PRIVATE = 0o600


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace a file's content atomically: a reader sees either the old or the new content.

    Without `mode` the file keeps its permissions, and a new file gets the machine's default ones.

    Raises:
        OSError: the file cannot be written; the old one is unchanged.
    """
    if mode is None:
        with suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
    temporary = path.with_name(f".{path.name}.{new_id()}")
    # The temporary file is never readable by more people than the final one, not even if this stops halfway.
    created = 0o666 if mode is None else PRIVATE
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temporary, flags, created), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None and mode != created:
            with suppress(OSError):  # some file systems have no permissions
                temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_plain_file(path: Path | str, limit: int, *, follow: bool = True) -> bytes:
    """Read a file, up to one byte more than the limit. Never waits for an endless file or an unconnected pipe.

    Raises:
        OSError: the file cannot be opened, is not a regular file, or is a link that must not be followed.
    """
    descriptor, size = open_plain_file(path, follow=follow)
    try:
        # One read is usually enough.
        blocks, left = [], limit + 1
        while left and (block := os.read(descriptor, min(max(size + 1, 4096), left))):
            blocks.append(block)
            left -= len(block)
            if len(block) == size:
                break
        return b"".join(blocks)
    finally:
        os.close(descriptor)


def open_plain_file(path: Path | str, *, follow: bool = True, dir_fd: int | None = None) -> tuple[int, int]:
    """Open a file; return its descriptor, which the caller closes, and its size. `dir_fd` is an open folder's.

    Raises:
        OSError: the file cannot be opened, is not a regular file, or is a link that must not be followed.
    """
    if not follow and not _NO_FOLLOW and Path(path).is_symlink():
        raise OSError(errno.ELOOP, "c’est un lien")
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | (0 if follow else _NO_FOLLOW), dir_fd=dir_fd)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "ce n’est pas un fichier")
    return descriptor, found.st_size


def open_plain_file_below(folder: str, name: str) -> tuple[int, int]:
    """Open a file in a subfolder as `open_plain_file` does, following no link on the way, even one created meanwhile.

    Raises:
        OSError: as `open_plain_file`, or a folder on the way is a link.
    """
    *folders, last = name.split(os.sep)  # noqa: PTH206  paths stay strings wherever there are many files
    if not folders or os.open not in os.supports_dir_fd:
        return open_plain_file(f"{folder}{os.sep}{name}", follow=False)
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        return open_plain_file(last, follow=False, dir_fd=here)
    finally:
        os.close(here)


_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)

_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
