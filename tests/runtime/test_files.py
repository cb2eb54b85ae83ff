"""The files of a runtime: what is searched, and what cannot be read is said."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.files import Target
from ppodiag.healthy import HEALTHY
from ppodiag.options import Options
from ppodiag.report import FORMATS, Style, renderer
from ppodiag.rules.loader import fast_rules
from ppodiag.runner import Request, lint_targets
from ppodiag.runtime.files import LARGEST, Source, find_sources
from ppodiag.runtime.search import Runtime, search_runtime
from tests.conftest import CORPUS, ROOT, Run

NAMES = frozenset(("alpha", "beta"))


def test_words_of_other_files(tmp_path: Path) -> None:
    """Shell scripts and values of YAML and TOML name keys; comments and YAML's own keys do not."""
    (tmp_path / "a.sh").write_text("# gamma\njq .alpha ppo.json\n")
    (tmp_path / "b.yaml").write_text("beta: ${delta}\nlist:\n  - epsilon\n")
    (tmp_path / "c.toml").write_text("[zeta]\neta = 'theta'\n")
    words = search_runtime((str(tmp_path),)).facts(NAMES).words
    assert {"alpha", "delta", "epsilon", "theta"} <= words.keys()
    assert not {"gamma", "beta", "zeta", "eta"} & words.keys()


def test_notebook(tmp_path: Path) -> None:
    """Code cells are Python, commands in them are passed over, and places are the file's lines."""
    cells = [
        {"cell_type": "markdown", "source": ["beta"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n", "x = cfg['alpha']\n"]},
        {"cell_type": "code", "source": "%%bash\necho $((\n"},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells}, indent=1))
    runtime = search_runtime((str(path),))
    assert runtime.unread == ()
    (read,) = runtime.facts(NAMES).reads["alpha"]
    assert "alpha" in path.read_text().splitlines()[read.place.line - 1]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = (\n", "no valid Python"),
        (b"x = '\xff'\n", "not in UTF-8"),
        (b"\0\1\2", "binary"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "no "),
        (b"# " + b"x" * LARGEST, "larger than 5 MB"),
    ],
)
def test_unreadable_file_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """A file that cannot be read is kept with the reason; the others are read."""
    (tmp_path / "bad.py").write_bytes(data)
    (tmp_path / "good.py").write_text("x = cfg['alpha']")
    runtime = search_runtime((str(tmp_path),))
    assert runtime.files == 2
    (unread,) = runtime.unread
    assert reason in unread.reason
    assert "alpha" in runtime.facts(NAMES).reads


def test_declared_encoding(tmp_path: Path) -> None:
    """A file in the encoding that it declares is read."""
    (tmp_path / "a.py").write_bytes(
        "# -*- coding: latin-1 -*-\nx = cfg['alpha']  # é".encode("latin-1")
    )
    assert search_runtime((str(tmp_path),)).unread == ()


def test_links_and_skipped_folders(tmp_path: Path) -> None:
    """A link in a circle ends, a file is taken once, environments and caches are left out."""
    (tmp_path / "a.py").write_text("x = 1")
    os.symlink(tmp_path, tmp_path / "again")
    os.symlink(tmp_path / "a.py", tmp_path / "b.py")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "c.py").write_text("x = 1")
    assert len(find_sources((str(tmp_path), str(tmp_path / "a.py")))) == 1


def test_wrong_paths(tmp_path: Path) -> None:
    """A folder that is not there, and one without source, are the user's faults."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError):
            find_sources((str(path),))


def test_command(ppodiag: Run, tmp_path: Path) -> None:
    """The option may be given several times; unreadable files are named on the standard error."""
    (tmp_path / "ppo.json").write_text(json.dumps(HEALTHY))
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "bad.py").write_text("x = (")
    (tmp_path / "train.py").write_text(
        "import json\nc = json.load(f)\nuse(c['ppo_config']['lr'])\n"
    )
    done = ppodiag(
        "lint", "ppo.json", "--runtime", "src", "--runtime", "train.py", "--select", "RT"
    )
    assert done.returncode == 1
    assert "warning[RT801] as far as the source could be read" in done.stdout
    assert "note: src/bad.py could not be read: no valid Python" in done.stderr
    assert "= note: src/bad.py:1:1: not readable" in done.stdout
    assert ppodiag("lint", "ppo.json").stdout == "1 file clean\n"
    assert ppodiag("lint", "ppo.json", "--runtime", "nowhere").returncode == 2


def test_suppression_counts_only_where_it_is_looked_for(ppodiag: Run, tmp_path: Path) -> None:
    """Accepting RT801 is no needless suppression without --runtime, and works with it."""
    accepted = {"ignore": {"RT801": {"reason": "read elsewhere"}}}
    (tmp_path / "ppo.json").write_text(json.dumps({**HEALTHY, "$ppodiag": accepted}))
    (tmp_path / "train.py").write_text("use(config['ppo_config'])\n")
    assert ppodiag("lint", "ppo.json").returncode == 0
    done = ppodiag("lint", "ppo.json", "--runtime", "train.py")
    assert (done.returncode, "suppressed" in done.stdout) == (0, True)


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_names_the_other_file(format_: str) -> None:
    """A place in a source file is shown with that file's name, in each format."""
    runtime = search_runtime((str(ROOT / "examples" / "runtime"),))
    options = Options(runtime=runtime, select=("RT802", "RT803"))
    targets = [Target(str(ROOT / "examples" / "ill.json"), True)]
    report = lint_targets(targets, Request(options, select=("RT802", "RT803")), fast_rules())
    text = renderer(format_)(report, Style())
    assert "examples/runtime/train.py" in text
    if format_ == "sarif":
        results = json.loads(text)["runs"][0]["results"]
        uris = {
            place["physicalLocation"]["artifactLocation"]["uri"]
            for result in results
            for place in result["relatedLocations"]
        }
        assert all(uri.endswith("examples/runtime/train.py") for uri in uris)


def test_the_plain_way_imports_nothing_new() -> None:
    """Without --runtime nothing of the search is imported."""
    import subprocess
    import sys

    code = (
        "import sys; sys.argv = ['ppodiag', 'lint', 'examples/healthy.json']\n"
        "from ppodiag._main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in sys.modules if 'ppodiag.runtime' in m or 'watching' in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_several_configurations_share_one_search() -> None:
    """The sources are read once; what they say is worked out once for a set of names."""
    runtime = Runtime([Source("a.py", "x = cfg['alpha']")])
    assert runtime.facts(NAMES) is runtime.facts(NAMES)


def test_can_be_sent_to_other_processes() -> None:
    """What was read of the sources can be pickled, for linting in several processes."""
    import pickle

    runtime = Runtime([Source("a.py", "x = cfg['alpha']")])
    again = pickle.loads(pickle.dumps(runtime))
    assert again.facts(NAMES) == runtime.facts(NAMES)


def test_work_grows_with_the_number_of_files_and_no_faster(tmp_path: Path) -> None:
    """Eight times as many files of 100 lines take at most 16 times the processor's time."""
    body = "\n".join(
        f"def f{n}(cfg, model):\n    y = model.layer{n}(cfg['alpha'], cfg.get('k{n}', {n}))\n"
        f"    for item in y:\n        model.log(item, beta=cfg['beta'])\n    return y.detach()"
        for n in range(20)
    )
    spent = []
    for count in (25, 200):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"m{number}.py").write_text(body)
        begin = time.process_time()
        search_runtime((str(folder),)).facts(NAMES)
        spent.append(time.process_time() - begin)
    assert spent[1] < 16 * spent[0]


def test_real_configuration_beside_a_builder_of_arguments(
    corpus_config: Path, tmp_path: Path
) -> None:
    """A builder of arguments that reads other blocks leaves advanced_optimization unread, once."""
    assert corpus_config.is_relative_to(CORPUS)
    config = json.loads(corpus_config.read_text(encoding="utf-8"))
    lines = ["import json", "def build(config):", "    kl = config['kl_regularization']"]
    lines += [f"    args.append(str(kl['{key}']))" for key in ("target_kl", "warmup_steps")]
    lines += ["    rate = config['kl_regularization']['adaptive_kl']['adaptation_rate']"]
    lines += ["build(json.load(open('ppo.json')))"]
    runtime = Runtime([Source("build.py", "\n".join(lines))])
    from ppodiag.runtime.judge import judge

    said = {f.pointer for f in judge(config, runtime) if f.code == "RT801"}
    assert "/advanced_optimization" in said
    assert not any(pointer.startswith("/advanced_optimization/") for pointer in said)
    assert "/kl_regularization/warmup_steps" not in said
    assert "/kl_regularization/adaptive_kl/enable" in said
