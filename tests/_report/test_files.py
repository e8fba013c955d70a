"""Files are checked before the work and replaced at once."""

import os
from pathlib import Path

import pytest

from skprivacy._report import check_writable, write_atomically

not_as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="the superuser may write everywhere",
)


def test_a_writable_path_comes_back_as_a_path_and_is_not_made(tmp_path):
    path = check_writable(str(tmp_path / "report.html"))
    assert path == tmp_path / "report.html"
    assert not path.exists()


def test_a_bare_file_name_lies_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check_writable("report.html") == Path("report.html")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="--report: .* it is a folder"):
        check_writable(tmp_path, "--report")


def test_an_absent_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="'.*absent' does not exist"):
        check_writable(tmp_path / "absent" / "report.html")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        check_writable(tmp_path / "file" / "report.html")


@pytest.mark.parametrize("path", [None, 3, ""])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(TypeError, match="path must be the path of a file"):
        check_writable(path)


def test_missing_permission_for_the_folder_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="no permission to write"):
        check_writable(tmp_path / "report.html")


def test_missing_permission_for_the_file_is_said(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda asked, mode: Path(asked) != path)
    with pytest.raises(PermissionError, match="may not be changed"):
        check_writable(path)


@not_as_root
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        check_writable(tmp_path / "report.html")


def test_writing_replaces_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert write_atomically(path, "né\n") == path
    assert path.read_bytes() == "né\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_new_file_is_as_readable_as_any(tmp_path):
    other = tmp_path / "other"
    other.write_text("")
    path = write_atomically(tmp_path / "report.html", "new")
    assert path.stat().st_mode == other.stat().st_mode
