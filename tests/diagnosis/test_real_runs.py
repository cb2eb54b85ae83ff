"""Two real runs, judged against a reading by hand that was written down first.

The configuration beside them is `ppo_warmstart`: a cosine with warm-up, an adaptive batch, clipping at
1.0, target_kl 0.02, 4 actions (ln 4 = 1.386).

`run_20250918_232535`, 21 updates at steps 63 to 1,343, 64 apart:
- the learning rate is 5e-4 in every update: the schedule does nothing;
- the norms fall from 19 to 1 and 3, no step doubles; all of them are above 1.0: clipping always acts;
- the KL is above 0.03 from update 8 to 13 running (0.085, 0.105, 0.036, 0.046, 0.083, 0.052), again later;
- the clip fraction has a median of 0.26 once settled: below 0.3;
- the entropy is 1.25 to 1.28, 90% to 92% of ln 4: high, and below 95%;
- the explained variance has a median of about 0.02 in the second half: the critic explains nothing;
- the value loss stays within a factor of 10 of what it was;
- neither minibatch sizes nor steps per second are logged, nor the tag Training/lr of the note.

`run_20250921_144521`, 39 updates at steps 31,996 to 36,860, 128 apart:
- the learning rate is 3e-4 in every update;
- norms are 0.2 to 1.1 after the first: no spike of three times its neighbours, clipping acts rarely;
- the KL is above 0.03 nowhere;
- the entropy is 99% of ln 4 to the end: the policy stays uniform;
- the explained variance has a median of 0.10 in the second half, at the limit: 0.104 is not below 0.1.
"""

from __future__ import annotations

import importlib.util
import json

import pytest

from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.engine import Diagnosis, diagnose_run
from ppodiag.diagnosis.verdicts import verdicts
from ppodiag.finding import Severity
from ppodiag.profile import NOTE
from ppodiag.rules.loader import load_run_rules
from ppodiag.runlog import read_run
from tests.conftest import CORPUS, require

LOGS = CORPUS.parent / "logs"

pytestmark = pytest.mark.skipif(not LOGS.exists(), reason="the corpus is not beside the project")


def diagnosis_of(name: str) -> Diagnosis:
    require(importlib.util.find_spec("tensorboard"), "tensorboard")
    value = json.loads((CORPUS / "ppo_warmstart@8196a6c.json").read_text(encoding="utf-8"))
    context = Context(parse_config(value), NOTE, value=value)
    return diagnose_run(read_run(str(LOGS / name)), load_run_rules(), context)


def codes(diagnosis: Diagnosis, severity: Severity) -> set[str]:
    return {f.code for f in diagnosis.findings if f.severity == severity}


def test_first_run() -> None:
    """Exactly what the reading says, and each with its numbers."""
    diagnosis = diagnosis_of("run_20250918_232535")
    assert codes(diagnosis, Severity.ERROR) == {"RUN902"}
    assert codes(diagnosis, Severity.WARNING) == {"RUN931", "RUN934"}
    assert codes(diagnosis, Severity.INFO) == {"RUN911", "RUN952", "RUN953"}
    texts = {f.code: f.message for f in diagnosis.findings}
    assert "0.0005 in all 21 updates" in texts["RUN902"]
    assert "100% of the updates have a gradient norm above max_grad_norm 1 " in texts["RUN911"]
    assert "steps 511 to 831" in texts["RUN931"]
    assert "Training/lr is not in the log; Training/LearningRate is" in texts["RUN953"]
    assert "adaptive_batch_size (no minibatch_size)" in texts["RUN952"]


def test_second_run() -> None:
    """Exactly what the reading says; a log that begins at 31,996 changes nothing."""
    diagnosis = diagnosis_of("run_20250921_144521")
    assert codes(diagnosis, Severity.ERROR) == {"RUN902"}
    assert codes(diagnosis, Severity.WARNING) == {"RUN933"}
    assert codes(diagnosis, Severity.INFO) == {"RUN952", "RUN953"}
    texts = {f.code: f.message for f in diagnosis.findings}
    assert "still 99% of ln 4" in texts["RUN933"]


def test_csv_of_the_first_run() -> None:
    """Its CSV is judged damaged, with the numbers of rows that belong to no header."""
    folder = LOGS / "run_20250918_232535" / "metrics"
    diagnosis = diagnose_run(read_run(str(next(folder.glob("*.csv")))), load_run_rules())
    errors = [f for f in diagnosis.findings if f.severity is Severity.ERROR]
    assert [f.code for f in errors] == ["RUN951"]
    assert "300 rows have 56 cells where the header names 57" in errors[0].message
    assert "1038 rows have 78 cells" in errors[0].message


def test_a_damaged_table_beside_event_files() -> None:
    """The next step is the event files; no line of the checklist advises --map for what was lost."""
    folder = LOGS / "run_20250918_232535"
    table = next((folder / "metrics").glob("*.csv"))
    diagnosis = diagnose_run(read_run(str(table)), load_run_rules())
    damaged = next(f for f in diagnosis.findings if f.code == "RUN951")
    assert f"ppodiag diagnose {(folder / 'tensorboard').resolve()} reads" in damaged.next
    lost = [v for v in verdicts(diagnosis) if v.codes == ("RUN951",)]
    assert next(v.symptom for v in lost) == "LR stuck at zero"
    assert not any("--map" in v.evidence for v in verdicts(diagnosis))
