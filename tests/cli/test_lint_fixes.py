"""`ppodiag lint --fix`, and baselines."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ppodiag.healthy import with_changes
from tests.cli.files import ILL, write
from tests.conftest import Run


def test_fix_keeps_every_other_byte(ppodiag: Run, tmp_path: Path) -> None:
    """--fix changes the faulty key alone: byte order mark, CRLF, indentation and mode stay."""
    text = '\ufeff{\r\n\t"ppo_config": {"lr":   3e-4, "epohcs": 10, "rollout_len": 128,\r\n'
    text += (
        '  "minibatch_size": 64, "max_grad_norm": 0.5}, "training": {"ppo_requests": 1024000}}\r\n'
    )
    path = tmp_path / "a.json"
    path.write_bytes(text.encode())
    path.chmod(0o640)
    diff = ppodiag("lint", "a.json", "--fix", "--diff")
    assert '+\t"ppo_config": {"lr":   3e-4, "epochs": 10' in diff.stdout
    assert path.read_bytes() == text.encode()
    done = ppodiag("lint", "a.json", "--fix")
    assert path.read_bytes() == text.replace("epohcs", "epochs").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "fixed SCH105: rename to epochs" in done.stderr
    assert done.returncode == 0


def test_unsafe_fixes_need_their_option(ppodiag: Run, tmp_path: Path) -> None:
    """A fix that chooses a value is applied by --unsafe-fixes only."""
    path = write(tmp_path / "a.json", ILL)
    before = path.read_bytes()
    assert ppodiag("lint", path, "--fix").returncode == 1
    assert path.read_bytes() == before
    assert ppodiag("lint", path, "--unsafe-fixes").returncode == 0
    assert path.read_bytes() == before.replace(b'"lr": 0.01', b'"lr": 3e-4')


def test_baseline(ppodiag: Run, tmp_path: Path) -> None:
    """Known findings are left out; re-formatting changes nothing, a changed value brings them back."""
    path = write(tmp_path / "a.json", ILL)
    made = ppodiag("lint", "a.json", "--baseline", "known.json", "--update-baseline")
    assert made.returncode == 0
    assert made.stdout == "known.json knows 1 finding\n"
    done = ppodiag("lint", "a.json", "--baseline", "known.json")
    assert done.returncode == 0
    assert "1 known to the baseline" in done.stdout
    path.write_text(json.dumps(ILL, indent=7))
    assert ppodiag("lint", "a.json", "--baseline", "known.json").returncode == 0
    write(path, with_changes({"ppo_config.lr": 0.02}))
    assert ppodiag("lint", "a.json", "--baseline", "known.json").returncode == 1


def entries(folder: Path) -> list[str]:
    """What known.json knows: file and rule."""
    document = json.loads((folder / "known.json").read_text())
    return [f"{Path(e['path']).stem} {e['code']}" for e in document["findings"]]


KNOWN = ("--baseline", "known.json")
UPDATE = (*KNOWN, "--update-baseline")


@pytest.fixture
def two_known(ppodiag: Run, tmp_path: Path) -> list[str]:
    """A folder of two files with three findings each, and a baseline that knows all."""
    changes = {"ppo_config.lr": 0.01, "ppo_config.stabilization_steps": 1}
    for name in ("a.json", "b.json"):
        write(tmp_path / name, with_changes(changes))
    assert ppodiag("lint", ".", *UPDATE).stdout == "known.json knows 6 findings\n"
    return entries(tmp_path)


@pytest.mark.parametrize(
    "part",
    [
        ["a.json"],
        [".", "--select", "LR"],
        ["a.json", "--ignore", "STB", "--extend-select", "LR104"],
        [".", "--severity", "error"],
        ["-", "--stdin-filename", "a.json", "--select", "STB"],
    ],
)
def test_what_was_not_looked_at_stays_known(
    ppodiag: Run, tmp_path: Path, two_known: list[str], part: list[str]
) -> None:
    """--update-baseline with part of the files, rules or severities keeps the entries of the rest."""
    done = ppodiag("lint", *part, *UPDATE, input=(tmp_path / "a.json").read_text())
    assert done.returncode == 0, done.stderr
    assert entries(tmp_path) == two_known
    assert done.stdout.startswith("known.json knows 6 findings, ")
    assert done.stdout.endswith(" of them not looked at\n")


def test_what_is_gone_is_said_and_dropped(
    ppodiag: Run, tmp_path: Path, two_known: list[str]
) -> None:
    """Entries of findings that are mended or whose file is gone are counted, and dropped by an update."""
    assert ppodiag("lint", ".", *KNOWN).stderr == ""
    assert ppodiag("lint", ".", *KNOWN, "--select", "LR").stderr == ""
    write(tmp_path / "a.json", with_changes({"ppo_config.stabilization_steps": 1}))
    said = ppodiag("lint", ".", *KNOWN)
    assert (said.returncode, said.stderr) == (
        0,
        "note: 1 entry of the baseline is no longer found; --update-baseline drops it\n",
    )
    assert ppodiag("lint", "b.json", *KNOWN).stderr == ""
    (tmp_path / "b.json").unlink()
    (tmp_path / "ppodiag.toml").write_text('baseline = "known.json"\n')
    plain = ppodiag("lint", ".")
    assert plain.stderr == (
        "note: 4 entries of the baseline are no longer found; --update-baseline drops them\n"
    )
    assert ppodiag("lint", ".", *UPDATE).stdout == "known.json knows 2 findings\n"
    assert entries(tmp_path) == [e for e in two_known if e in ("a LR104", "a STB601")]
    assert ppodiag("lint", ".").stderr == ""


def test_runtime_findings_stay_known_where_no_runtime_is_searched(
    ppodiag: Run, tmp_path: Path
) -> None:
    """Findings of --runtime are not looked for without it, and stay in the baseline."""
    write(tmp_path / "a.json", ILL)
    (tmp_path / "train.py").write_text(
        "import json\nprint(json.load(open('a.json'))['training'])\n"
    )
    ppodiag("lint", "a.json", "--runtime", "train.py", *UPDATE)
    before = entries(tmp_path)
    assert "a RT801" in before
    assert ppodiag("lint", "a.json", *KNOWN).stderr == ""
    ppodiag("lint", "a.json", *UPDATE)
    assert entries(tmp_path) == before


def test_an_entry_of_the_standard_input_stays(ppodiag: Run, tmp_path: Path) -> None:
    """Of what came by the standard input, which cannot be read again, no entry is called gone."""
    text = json.dumps(ILL)
    ppodiag("lint", "-", *UPDATE, input=text)
    said = ppodiag("lint", "-", *KNOWN, "--select", "STB", input=text)
    assert (said.returncode, said.stderr) == (0, "")
    assert ppodiag("lint", "-", *KNOWN, input=text).returncode == 0


def test_an_update_overwrites_no_file_that_is_no_baseline(ppodiag: Run, tmp_path: Path) -> None:
    """--update-baseline on a file that is something else: exit code 2, and the file stays."""
    path = write(tmp_path / "a.json", ILL)
    before = path.read_bytes()
    done = ppodiag("lint", "a.json", "--baseline", "a.json", "--update-baseline")
    assert done.returncode == 2
    assert "a.json: no baseline of version 1" in done.stderr
    assert path.read_bytes() == before


def test_a_missing_baseline_is_refused_before_a_file_is_fixed(ppodiag: Run, tmp_path: Path) -> None:
    """Where the baseline cannot be read, --unsafe-fixes has changed nothing."""
    path = write(tmp_path / "a.json", ILL)
    before = path.read_bytes()
    done = ppodiag("lint", "a.json", "--unsafe-fixes", "--baseline", "none.json")
    assert done.returncode == 2
    assert "none.json" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9}', '{"version": 1, "findings": [1]}'])
def test_no_baseline(ppodiag: Run, tmp_path: Path, text: str) -> None:
    """A file that is no baseline is an error with its name."""
    write(tmp_path / "a.json", ILL)
    (tmp_path / "known.json").write_text(text)
    done = ppodiag("lint", "a.json", "--baseline", "known.json")
    assert done.returncode == 2
    assert "known.json" in done.stderr
