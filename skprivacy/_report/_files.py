"""Files that a report is written to: checked before the work, replaced at once."""

import os
import tempfile
from pathlib import Path

__all__ = ["check_writable", "write_atomically"]


def check_writable(path, name: str = "path") -> Path:
    """Check that a file can be written, without writing it.

    An audit may take hours; this is called before it starts.

    Parameters
    ----------
    path : str or path-like
        The file to be written. An existing file will be replaced.

    name : str, default="path"
        The argument's name, for error messages.

    Returns
    -------
    path : Path

    Raises
    ------
    TypeError
        If ``path`` is not a path.
    IsADirectoryError
        If ``path`` is a folder.
    FileNotFoundError
        If the folder that is to hold the file does not exist.
    NotADirectoryError
        If that folder is a file.
    PermissionError
        If the folder, or the existing file, may not be written.

    Examples
    --------
    >>> check_writable("no/such/folder/report.html", name="report")
    Traceback (most recent call last):
        ...
    FileNotFoundError: report: cannot write 'no/such/folder/report.html': the folder \
'no/such/folder' does not exist; make it first.
    """
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise TypeError(f"{name} must be the path of a file, got {path!r}.")
    path = Path(path)
    start = f"{name}: cannot write {str(path)!r}: "
    folder = path.parent
    if path.is_dir():
        raise IsADirectoryError(start + "it is a folder; give the name of a file.")
    if not folder.exists():
        raise FileNotFoundError(
            start + f"the folder {str(folder)!r} does not exist; make it first."
        )
    if not folder.is_dir():
        raise NotADirectoryError(start + f"{str(folder)!r} is not a folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(start + f"no permission to write in {str(folder)!r}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(start + "the file exists and may not be changed.")
    return path


def write_atomically(path: Path, text: str) -> Path:
    """Write a text file so that it is there whole or not at all."""
    handle, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}.", suffix=".part"
    )
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, _permissions(path))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _permissions(path):
    """Return those of the file that is replaced, or of any new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)  # there is no way to read it without setting it
    os.umask(mask)
    return 0o666 & ~mask
