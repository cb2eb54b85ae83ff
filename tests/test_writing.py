"""Files that are written at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.writing import whole_file, write_whole


def by_path(path: str) -> None:
    with whole_file(path) as beside:
        Path(beside).write_bytes(b"new")


def at_once(path: str) -> None:
    write_whole(path, b"new")


BOTH = pytest.mark.parametrize("write", [at_once, by_path])
Write = Callable[[str], None]


@BOTH
def test_permissions_are_kept_and_links_followed(tmp_path: Path, write: Write) -> None:
    """A file of mode 640 behind a link keeps both."""
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write(str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


@BOTH
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a Linux device that is always full")
def test_a_device_that_is_full(write: Write) -> None:
    """An error with place and remedy, not a traceback."""
    with pytest.raises(UsageError, match="cannot write /dev/full: No space left") as error:
        write("/dev/full")
    assert error.value.remedy == "choose another place"


@BOTH
def test_a_place_that_is_not_there(tmp_path: Path, write: Write) -> None:
    """The error names the path that was asked for, not the file beside it."""
    path = str(tmp_path / "no" / "a.txt")
    with pytest.raises(UsageError, match="No such file") as error:
        write(path)
    assert str(error.value).startswith(f"cannot write {path}: ")


@pytest.mark.parametrize(
    "fault", [OSError("the writer says so"), ValueError(), KeyboardInterrupt()]
)
def test_the_old_file_stays_when_writing_fails(tmp_path: Path, fault: BaseException) -> None:
    """Half of a file takes nobody's place, and is not left lying about."""
    (tmp_path / "a.csv").write_bytes(b"old")

    def half() -> None:
        with whole_file(str(tmp_path / "a.csv")) as beside:
            Path(beside).write_bytes(b"ne")
            raise fault

    kind = UsageError if isinstance(fault, OSError) else type(fault)
    with pytest.raises(kind) as error:
        half()
    assert kind is not UsageError or "the writer says so" in str(error.value)
    assert (tmp_path / "a.csv").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.csv"]
