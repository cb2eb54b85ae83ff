"""What tests of ablations share."""

import json
import shutil
from pathlib import Path

import pytest

FAKE = Path(__file__).with_name("fake_trainer.py")
CONFIG = {
    "training": {"ppo_requests": 20480},
    "parallel_training": {"enable": True, "num_envs": 8},
    "ppo_config": {
        "lr": 3e-4, "rollout_len": 128, "minibatch_size": 64, "epochs": 4, "max_grad_norm": 0.5,
    },
    "advanced_optimization": {
        "learning_rate_schedule": {
            "type": "cosine_annealing_with_warmup", "warmup_steps": 60, "min_lr_ratio": 0.1,
            "restart_period": 1220,
        },
        "gradient_optimization": {
            "use_gradient_checkpointing": True, "accumulation_steps": 2, "clip_by_global_norm": True,
        },
    },
}  # fmt: skip


@pytest.fixture
def config(tmp_path):
    """Path of a configuration in which four features are on."""
    path = tmp_path / "ppo.json"
    path.write_text(json.dumps(CONFIG))
    return path


@pytest.fixture
def fake(tmp_path):
    """Template of a trainer that takes milliseconds; started in tmp_path."""
    shutil.copy(FAKE, tmp_path / "fake.py")
    return "{python} fake.py --config {config} --seed {seed} --out {out}"
