"""Command lines of trainers."""

import pytest

from ppodiag.errors import UsageError
from ppodiag.launch.trainer import BundledTrainer, UserTrainer


def test_values_of_a_template_stay_one_word_whatever_they_hold():
    trainer = UserTrainer("python 'my train.py' --config={config} --seed {seed} --out '{out}'")
    words = trainer.command("a b'; rm -rf $HOME.json", [3], "out dir/{seed}")
    assert words == [
        "python", "my train.py", "--config=a b'; rm -rf $HOME.json", "--seed", "3", "--out",
        "out dir/{seed}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("", "names no command"),
        ("python t.py --config {config} --seed {seed}", "does not name {out}"),
        ("python t.py {config} {seed} {out} {lr}", "names {lr}"),
        ("python t.py '{config} {seed} {out}", "No closing quotation"),
        ("python t.py {config} {seed} {out", "cannot be read"),
        ("python t.py {config.path} {seed} {out}", "names {config.path}"),
    ],
)
def test_a_template_that_cannot_work_is_an_error_that_says_why(template, message):
    with pytest.raises(UsageError, match=message.replace("{", r"\{")) as raised:
        UserTrainer(template)
    assert raised.value.remedy


def test_the_bundled_trainer_takes_many_seeds_and_says_where_their_logs_lie():
    trainer = BundledTrainer("CartPole-v1", "cpu")
    words = trainer.command("c.json", [0, 4], "out")
    assert words[1:4] == ["-m", "reference_trainer", "c.json"]
    assert words[words.index("--seeds") + 1] == "0,4"
    alone = trainer.command("c.json", [7], "out")
    assert alone[alone.index("--seed") + 1] == "7"
    assert "--seeds" not in alone  # that would be seven seeds
    assert trainer.folder("out", 4, 2).endswith("seed-4")
    assert trainer.folder("out", 4, 1) == "out"
