"""Files that are written at once or not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.writing import whole_file, write_whole
from tests.conftest import ROOT, as_a_plain_user


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


@BOTH
def test_a_link_that_leads_round_in_a_circle(tmp_path: Path, write: Write) -> None:
    """An error, and the links stay."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UsageError, match="Too many levels of symbolic links"):
        write(str(tmp_path / "a"))
    assert (tmp_path / "a").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


@BOTH
def test_a_link_to_a_file_that_is_not_there_yet(tmp_path: Path, write: Write) -> None:
    """The file is made where the link points."""
    (tmp_path / "link").symlink_to("real")
    write(str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@BOTH
def test_a_file_that_lies_beside_is_not_taken(tmp_path: Path, write: Write) -> None:
    """In a folder that others write to, a link of the temporary's name leads to nobody's file."""
    (tmp_path / "victim").write_bytes(b"theirs")
    (tmp_path / f"a.txt.{os.getpid()}.tmp").symlink_to("victim")
    write(str(tmp_path / "a.txt"))
    assert (tmp_path / "victim").read_bytes() == b"theirs"
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert not (tmp_path / "a.txt").is_symlink()


@BOTH
def test_a_name_as_long_as_a_name_can_be(tmp_path: Path, write: Write) -> None:
    """255 bytes, of letters that take one, two and four bytes each."""
    for name in ("n" * 255, "ä" * 127, "😀" * 63):
        write(str(tmp_path / name))
        assert (tmp_path / name).read_bytes() == b"new"


@BOTH
def test_a_new_file_has_the_permissions_that_the_user_gives_new_files(
    tmp_path: Path, write: Write
) -> None:
    """Those of the umask, and not the narrow ones of a temporary file."""
    before = os.umask(0o027)
    try:
        write(str(tmp_path / "a.txt"))
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives a file away")
def test_the_owner_stays(tmp_path: Path) -> None:
    """A file of another user is still theirs after root has written it."""
    (tmp_path / "a.txt").write_bytes(b"old")
    os.chown(tmp_path / "a.txt", 65534, 65534)
    write_whole(str(tmp_path / "a.txt"), b"new")
    found = (tmp_path / "a.txt").stat()
    assert (found.st_uid, found.st_gid) == (65534, 65534)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_what_may_not_be_written_to(tmp_path: Path, place: str) -> None:
    """A read-only file or folder is an error, and the file is as it was."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"old")
    (folder / "a.txt").chmod(0o444 if place == "file" else 0o666)
    folder.chmod(0o555 if place == "folder" else 0o777)
    code = (
        "import sys\nfrom ppodiag.writing import write_whole\n"
        "try: write_whole(sys.argv[1], b'new')\nexcept Exception as error: print(repr(error))"
    )
    done = as_a_plain_user([sys.executable, "-c", code, str(folder / "a.txt")])
    why = "it is read-only" if place == "file" else "Permission denied"
    assert done.stdout == f"UsageError('cannot write {folder / 'a.txt'}: {why}')\n"
    assert (folder / "a.txt").read_bytes() == b"old"
    assert os.listdir(folder) == ["a.txt"]
    folder.chmod(0o777)


def test_a_disk_that_is_full_half_way(tmp_path: Path) -> None:
    """A file that the system cuts off leaves the old one whole and nothing beside it."""
    resource = pytest.importorskip("resource")
    (tmp_path / "a.csv").write_bytes(b"old")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

    code = (
        "import sys\nfrom ppodiag.writing import write_whole\n"
        "try: write_whole(sys.argv[1], bytes(1 << 20))\nexcept Exception as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.csv")], preexec_fn=limit, text=True,
        capture_output=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert "cannot write" in done.stdout
    assert "File too large" in done.stdout
    assert (tmp_path / "a.csv").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_no_other_place_opens_files_to_write_them() -> None:
    """Each file that is opened for writing is a stream, named here with the reason; the rest go by one way."""
    streams = {
        "ppodiag/export.py": "the file beside, of whole_file",
        "ppodiag/writing.py": "the way itself",
        "ppodiag/launch/process.py": "the output of a process while it runs, and its number",
        "ppodiag/locking.py": "the file that a lock is held on",
        "reference_trainer/logs.py": "logs, which grow and are cut back to a checkpoint",
    }
    writes = re.compile(
        r"""open\([^()]*(?:\([^()]*\))?[^()]*["'](?:[wax]b?\+?|r\+b?)["']|(?<!formatter)\.write_(?:text|bytes)\(|"""
        r"""\.(?:savefig|to_csv|to_parquet|dump|savez?)\("""
    )
    calls_that_go_by_it = {"ppodiag/plot/style.py", "reference_trainer/checkpoint.py"}
    files = [
        path for top in ("ppodiag", "reference_trainer") for path in (ROOT / top).rglob("*.py")
    ]
    found = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if writes.search(path.read_text("utf-8"))
    }
    assert len(files) > 300
    assert found - calls_that_go_by_it - set(streams) == set()
    for name in calls_that_go_by_it:
        assert "ppodiag.writing import" in (ROOT / name).read_text("utf-8")
