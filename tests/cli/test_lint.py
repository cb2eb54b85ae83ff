"""`ppodiag lint` as its user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag import UsageError, lint
from ppodiag.healthy import HEALTHY, with_changes
from tests.conftest import ROOT, Run

ILL = with_changes({"ppo_config.lr": 0.01})


def write(path: Path, value: object = HEALTHY) -> Path:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
    return path


def test_clean_file(ppodiag: Run, tmp_path: Path) -> None:
    """A clean file: one line, exit code 0."""
    done = ppodiag("lint", write(tmp_path / "a.json"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 file clean\n", "")


def test_findings(ppodiag: Run, tmp_path: Path) -> None:
    """A finding: place, severity, code, the line with a mark below the value, help; exit code 1."""
    path = write(tmp_path / "a.json", ILL)
    done = ppodiag("lint", "a.json")
    line = path.read_text().splitlines().index('    "lr": 0.01,') + 1
    assert done.returncode == 1
    assert done.stdout.startswith(f"a.json:{line}:11: error[LR111] the peak learning rate 0.01")
    assert f'{line} |     "lr": 0.01,\n' in done.stdout
    assert "|           ^^^^\n" in done.stdout
    assert "= help: set lr to 3e-4" in done.stdout
    assert done.stdout.endswith("1 finding (1 error) in 1 file\n")


@pytest.mark.parametrize("file", ["examples/ill.json", "examples/healthy.json"])
def test_the_plain_way_and_click_agree(ppodiag: Run, file: str) -> None:
    """Without options click is not used; the output and the exit code are the same."""
    plain = ppodiag("lint", ROOT / file)
    clicked = ppodiag("lint", ROOT / file, "--severity", "warning")
    assert (plain.stdout, plain.returncode) == (clicked.stdout, clicked.returncode)


def test_output_fits_100_columns_without_colour(ppodiag: Run) -> None:
    """Piped output has no escape sequence and no line over 100 columns."""
    done = ppodiag("lint", "examples/ill.json", "--severity", "info", cwd=ROOT)
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_colour_on_a_terminal_only(tmp_path: Path) -> None:
    """On a terminal there is colour; NO_COLOR and TERM=dumb switch it off."""
    import pty
    import subprocess
    import sys

    write(tmp_path / "a.json", ILL)

    def on_terminal(**env: str) -> bytes:
        parent, child = pty.openpty()
        base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
        subprocess.run(
            [sys.executable, "-m", "ppodiag", "lint", "a.json"],
            cwd=tmp_path,
            stdout=child,
            env={**base, "PYTHONPATH": str(ROOT), **env},
            check=False,
        )
        os.close(child)
        read = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            read += part
        os.close(parent)
        return read

    assert b"\x1b[31;1merror[LR111]\x1b[0m" in on_terminal(TERM="xterm")
    assert b"\x1b[31" not in on_terminal(TERM="xterm", NO_COLOR="1")
    assert b"\x1b[31" not in on_terminal(TERM="dumb")


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (["lint"], "no file is named"),
        (["lint", "nowhere.json"], "nowhere.json does not exist"),
        (["lint", "*.nothing"], "nothing matches *.nothing"),
        (["lint", "a.json", "--select", "XYZ"], "no rule begins with XYZ"),
        (["lint", "a.json", "--profile", "sb4"], "no profile is called 'sb4'"),
        (["lint", "a.json", "--set", "lr"], "is not KEY=VALUE"),
        (["lint", "a.json", "--total-env-steps", "-1"], "is no whole number from 0"),
        (
            ["lint", "a.json", "--memory", "16G"],
            "--memory '16G' is no size of memory: G is no unit",
        ),
        (["lint", "a.json", "--memory", "0"], "expected 1 byte to 1,000 PB"),
        (["lint", "a.json", "--device", "tpu"], "'tpu' is not one of 'cpu', 'cuda'"),
        (["lint", "a.json", "--format", "xml"], "'xml' is not one of"),
        (["lint", "a.json", "--no-such-option"], "No such option"),
        (["lint", "a.json", "--baseline", "none.json"], "the baseline none.json does not exist"),
        (["lint", "a.json", "--output", "no/such/folder/x"], "cannot write no/such/folder/x"),
        (["nonsense"], "No such command 'nonsense'"),
        (["rule", "LR999"], "there is no rule LR999"),
    ],
)
def test_wrong_usage(ppodiag: Run, tmp_path: Path, arguments: list[str], piece: str) -> None:
    """Wrong usage: exit code 2, what is wrong on the standard error, never a traceback."""
    write(tmp_path / "a.json")
    done = ppodiag(*arguments)
    assert done.returncode == 2
    assert piece in done.stderr
    assert "Traceback" not in done.stderr


def test_unreadable_file(ppodiag: Run, tmp_path: Path) -> None:
    """An unreadable file among others: exit code 2, and the others are linted."""
    write(tmp_path / "good.json", ILL)
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    done = ppodiag("lint", "dangling.json", "good.json")
    assert done.returncode == 2
    assert "dangling.json cannot be read: No such file or directory" in done.stdout
    assert "LR111" in done.stdout


def test_internal_fault(ppodiag: Run, tmp_path: Path) -> None:
    """A fault of ppodiag itself: exit code 3 and lines to report, version and platform first."""
    broken = tmp_path / "broken"
    (broken / "ppodiag").mkdir(parents=True)
    for name in os.listdir(ROOT / "ppodiag"):
        if name not in ("linter.py", "__pycache__"):
            (broken / "ppodiag" / name).symlink_to(ROOT / "ppodiag" / name)
    (broken / "ppodiag" / "linter.py").write_text("raise RuntimeError('planted')\n")
    (broken / "schemas").symlink_to(ROOT / "schemas")
    done = ppodiag("lint", write(tmp_path / "a.json"), PYTHONPATH=str(broken), cwd=broken)
    assert done.returncode == 3
    assert "please report it" in done.stderr
    assert "planted" in done.stderr


def test_severity_and_fail_on(ppodiag: Run, tmp_path: Path) -> None:
    """--severity decides what is shown, --fail-on what fails, --exit-zero that nothing does."""
    path = write(tmp_path / "a.json", with_changes({"ppo_config.lr": 0.004}))
    assert ppodiag("lint", path, "--severity", "error").returncode == 0
    assert ppodiag("lint", path, "--fail-on", "error").returncode == 0
    assert ppodiag("lint", path).returncode == 1
    assert ppodiag("lint", path, "--exit-zero").returncode == 0
    info = write(tmp_path / "b.json", with_changes({"ppo_config.gamma": 0.8}))
    shown = ppodiag("lint", info, "--severity", "info", "--format", "concise")
    assert "info[PPO001] gamma is 0.8" in shown.stdout
    assert shown.returncode == 0
    assert ppodiag("lint", info, "--severity", "info", "--fail-on", "info").returncode == 1


def test_select_ignore_extend(ppodiag: Run, tmp_path: Path) -> None:
    """Codes and prefixes; the longer one wins; settings are extended."""
    changes = {"ppo_config.lr": 0.01, "ppo_config.stabilization_steps": 1}
    path = write(tmp_path / "a.json", with_changes(changes))

    def codes(*options: str) -> set[str]:
        done = ppodiag("lint", path, "--format", "json", *options)
        found = json.loads(done.stdout)["files"][0]["findings"]
        return {finding["code"] for finding in found}

    assert codes() == {"LR111", "STB601", "LR104"}
    assert codes("--select", "STB") == {"STB601"}
    assert codes("--select", "LR1,STB", "--ignore", "LR104") == {"LR111", "STB601"}
    assert codes("--ignore", "LR") == {"STB601"}
    assert codes("--select", "STB", "--extend-select", "LR111") == {"STB601", "LR111"}
    assert codes("--ignore", "LR", "--extend-select", "LR") == {"LR111", "STB601", "LR104"}


def test_standard_input(ppodiag: Run) -> None:
    """- is the standard input, under the name it is given."""
    done = ppodiag("lint", "-", "--stdin-filename", "my.jsonc", input="// hi\n" + json.dumps(ILL))
    assert done.returncode == 1
    assert done.stdout.startswith("my.jsonc:2:")
    assert "SYN001" not in done.stdout


def test_folders_and_patterns(ppodiag: Run, tmp_path: Path) -> None:
    """A folder is searched, unrelated files passed over; an explicit unrelated file is judged."""
    (tmp_path / "sub" / "node_modules").mkdir(parents=True)
    write(tmp_path / "sub" / "a.json")
    write(tmp_path / "sub" / "node_modules" / "b.json", ILL)
    write(tmp_path / "sub" / "package.json", {"name": "x"})
    (tmp_path / "sub" / "broken.json").write_text('{"ppo_config": {')
    (tmp_path / "sub" / "notes.txt").write_text("{}")
    done = ppodiag("lint", "sub")
    assert "broken.json:1:" in done.stdout
    assert "1 file passed over: no PPO configuration" in done.stdout
    assert "node_modules" not in done.stdout
    assert ppodiag("lint", "sub/*.json").stdout == done.stdout
    explicit = ppodiag("lint", "sub/package.json")
    assert "SCH103" in explicit.stdout
    assert ppodiag("lint", "sub/package.json", "--skip-unrelated").returncode == 0


def test_overrides(ppodiag: Run, tmp_path: Path) -> None:
    """--set and --total-env-steps stand in for keys, given or not, and the finding says so."""
    path = write(tmp_path / "a.json")
    done = ppodiag("lint", path, "--set", "ppo_config.lr=0.01", "--format", "concise")
    assert "(lr is set on the command line)" in done.stdout
    done = ppodiag("lint", path, "--total-env-steps", "1e4", "--format", "concise")
    assert "UNIT703" in done.stdout
    value = with_changes({"training": {}})
    silent = ppodiag("lint", write(tmp_path / "b.json", value), "--severity", "info")
    assert silent.returncode == 0
    assert "UNIT704" in silent.stdout
    known = ppodiag(
        "lint", tmp_path / "b.json", "--total-env-steps", "1024000", "--severity", "info"
    )
    assert "UNIT704" not in known.stdout


def test_a_clean_file_needs_no_estimate(tmp_path: Path) -> None:
    """Linting a file without adaptation and checkpointing imports nothing of the estimate."""
    block = {"actor_critic_architecture": {"hidden_size": 64}}
    path = write(tmp_path / "a.json", with_changes(block))
    code = (
        "import sys; from ppodiag.commands.plain import lint_plainly; "
        "assert lint_plainly((sys.argv[1],)) == 0; "
        "names = ('architecture', 'memory', 'layers', 'bytesize', 'full'); "
        "sys.exit(any(f'ppodiag.{name}' in sys.modules for name in names))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_memory_and_device(ppodiag: Run, tmp_path: Path) -> None:
    """--memory and --device reach the rules, one file or many, and Python takes them as well."""
    value = with_changes({
        "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
        "actor_critic_architecture": {"hidden_size": 32, "num_layers": 16},
    })  # fmt: skip
    paths = [write(tmp_path / f"{name}.json", value) for name in "ab"]
    plain = ppodiag("lint", *paths, "--severity", "info")
    assert plain.returncode == 0
    assert "ACC307" not in plain.stdout
    assert "GCK502" not in plain.stdout
    shown = ("--severity", "info", "--format", "concise")
    known = ppodiag("lint", *paths, *shown, "--memory", "16GB", "--device", "cpu")
    assert (known.stdout.count("ACC307"), known.stdout.count("GCK502")) == (2, 2)
    other = ppodiag("lint", *paths, *shown, "--memory", "1MB", "--device", "cuda")
    assert "ACC307" not in other.stdout
    assert "GCK502" not in other.stdout
    report = lint(paths[0], severity="info", memory="16GB", device="cpu")
    assert sorted(d.code for d in report.diagnostics) == ["ACC307", "GCK502"]
    report = lint(paths[0], severity="info", memory=16 * 10**9)
    assert [d.code for d in report.diagnostics] == ["ACC307"]
    for wrong in ({"device": "tpu"}, {"memory": 0}, {"memory": "16G"}):
        with pytest.raises(UsageError):
            lint(paths[0], **wrong)


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
    assert made.stdout == "known.json knows 1 findings\n"
    done = ppodiag("lint", "a.json", "--baseline", "known.json")
    assert done.returncode == 0
    assert "1 known to the baseline" in done.stdout
    path.write_text(json.dumps(ILL, indent=7))
    assert ppodiag("lint", "a.json", "--baseline", "known.json").returncode == 0
    write(path, with_changes({"ppo_config.lr": 0.02}))
    assert ppodiag("lint", "a.json", "--baseline", "known.json").returncode == 1


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9}', '{"version": 1, "findings": [1]}'])
def test_no_baseline(ppodiag: Run, tmp_path: Path, text: str) -> None:
    """A file that is no baseline is an error with its name."""
    write(tmp_path / "a.json", ILL)
    (tmp_path / "known.json").write_text(text)
    done = ppodiag("lint", "a.json", "--baseline", "known.json")
    assert done.returncode == 2
    assert "known.json" in done.stderr


def test_settings(ppodiag: Run, tmp_path: Path) -> None:
    """The nearest settings upwards count, file by file; the command line before them."""
    (tmp_path / "pyproject.toml").write_text('[tool.ppodiag]\nignore = ["LR111"]\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ppodiag.toml").write_text('severity = "info"\n')
    write(tmp_path / "a.json", ILL)
    write(tmp_path / "sub" / "b.json", ILL)
    assert ppodiag("lint", "a.json").returncode == 0
    assert "LR111" in ppodiag("lint", "sub/b.json").stdout
    assert "LR111" in ppodiag("lint", "a.json", "--ignore", "STB").stdout


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ('[tool.ppodiag]\nsevrity = "info"\n', "unknown key sevrity"),
        ('[tool.ppodiag]\nseverity = "loud"\n', "severity: 'loud' is not one of"),
        ('[tool.ppodiag]\nprofile = "sb4"\n', "profile: no profile is called 'sb4'"),
        ("[tool.ppodiag\n", "no TOML"),
        ("tool = {ppodiag = 3}\n", "is no table"),
    ],
)
def test_wrong_settings(ppodiag: Run, tmp_path: Path, text: str, piece: str) -> None:
    """Unknown or ill-typed settings: exit code 2 and the file's name."""
    (tmp_path / "pyproject.toml").write_text(text)
    done = ppodiag("lint", write(tmp_path / "a.json"))
    assert piece in done.stderr + done.stdout
    assert done.returncode == 2


def test_exclude(ppodiag: Run, tmp_path: Path) -> None:
    """Excluded files are not linted in folders, but are where they are named."""
    (tmp_path / "ppodiag.toml").write_text('exclude = ["vendor/*"]\n')
    (tmp_path / "vendor").mkdir()
    write(tmp_path / "vendor" / "a.json", ILL)
    assert ppodiag("lint", ".").returncode == 0
    assert ppodiag("lint", "vendor/a.json").returncode == 1


def test_statistics(ppodiag: Run) -> None:
    """Counts by rule, most frequent first."""
    done = ppodiag("lint", ROOT / "tests" / "healthy", "--statistics")
    assert done.stdout.splitlines()[0].split() == ["3", "PPO011", "minibatch", "exceeds", "rollout"]


def test_explain_plan(ppodiag: Run) -> None:
    """Every integer with its range and the lines that it came from."""
    done = ppodiag("lint", ROOT / "examples" / "ill.json", "--explain-plan")
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
    assert "2,496" in rows["N_mb"]
    assert "1,248 to 4,992" in rows["N_mb"]
    assert "line 6" in rows["T"]
    assert "0.8156" in rows["λ_end"]
    assert done.returncode == 0


def test_many_files_in_processes(ppodiag: Run, tmp_path: Path) -> None:
    """From 400 files on several processes share the work; the report is the same."""
    for number in range(401):
        write(tmp_path / f"{number:03}.json", ILL if number == 200 else HEALTHY)
    done = ppodiag("lint", ".", "--jobs", "2", "--format", "json")
    alone = ppodiag("lint", ".", "--jobs", "1", "--format", "json")
    assert done.stdout == alone.stdout
    found = json.loads(done.stdout)["files"]
    assert [f["path"] for f in found if f["findings"]] == [f".{os.sep}200.json"]


def test_syntax_and_meaning_in_one_run(ppodiag: Run, tmp_path: Path) -> None:
    """Syntax errors, and what could be read beside them; no missing key is claimed of a lost one."""
    text = json.dumps(ILL, indent=1).replace('"epochs": 10,', '"epochs": ten,')
    (tmp_path / "a.json").write_text(text.replace('"gamma": 0.99,', '"gamma": 0.99'))
    done = ppodiag("lint", "a.json", "--format", "concise")
    codes = [line.split("[")[1].split("]")[0] for line in done.stdout.splitlines()]
    assert sorted(codes) == ["LR111", "SYN001", "SYN001"]


def test_names_and_values_that_no_terminal_can_show(ppodiag: Run, tmp_path: Path) -> None:
    """A file name that is no UTF-8, lone surrogates in values, an ASCII terminal: still a report."""
    name = os.fsencode(tmp_path) + b"/caf\xe9.json"
    stages = [{"name": "\ud800", "duration_requests": 10**7}] * 2
    value = with_changes({"curriculum_learning": {"enable": True, "stages": stages}})
    with open(name, "wb") as file:
        file.write(json.dumps(value).encode())
    for format_ in ("text", "concise", "json", "sarif", "github", "gitlab", "junit"):
        done = ppodiag("lint", ".", "--format", format_, PYTHONIOENCODING="ascii")
        assert done.returncode == 1, done.stderr
        assert "UNIT701" in done.stdout
        assert ppodiag("lint", ".", "--format", format_, "--output", "out").returncode == 1


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be read is handed on to be reported, not left out."""
    from ppodiag.files import find_files

    closed = tmp_path / "closed"
    closed.mkdir()
    write(tmp_path / "a.json")
    scan = os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = {target.path for target in find_files((str(tmp_path),))}
    assert found == {str(tmp_path / "a.json"), str(closed)}


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """A reader that goes away early ends the command quietly."""
    import subprocess
    import sys

    for number in range(300):
        write(tmp_path / f"{number}.json", ILL)
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m ppodiag lint . | head -1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
