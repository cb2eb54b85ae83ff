"""Tags of the machine and tags of learning, as known trainers call them."""

import pytest

from ppodiag.ablate.machine_tags import of_machine


@pytest.mark.parametrize(
    "tag",
    [
        "time/fps", "time/time_elapsed", "time/collect", "time/rollout/collect", "charts/SPS",
        "env_steps_per_second", "rollout_seconds", "seconds_per_update", "time_per_step",
        "Training/peak_memory_bytes", "system.gpu.0.util", "perf/vram_gb", "eta", "rss_mb",
        "train_runtime", "wallTime", "perf/updateTime",
    ],
)  # fmt: skip
def test_tags_of_time_speed_and_memory(tag):
    """A word of the machine in the tag, or in the group that it stands in."""
    assert of_machine(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "time/total_timesteps", "time/iterations", "total_timesteps", "timesteps", "timesteps_total",
        "episode_return", "lr", "train/loss", "approx_kl", "losses/value_loss", "beta", "remembered",
        "grad_norm", "program", "secondary_reward", "sentiment", "rollout/ep_len_mean",
    ],
)  # fmt: skip
def test_tags_of_learning(tag):
    """Words that only hold such a word are none, and a counter is none in a group called time."""
    assert not of_machine(tag)
