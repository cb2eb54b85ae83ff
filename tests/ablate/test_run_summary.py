"""What is kept of a run's log."""

import math

import numpy as np
import pytest

from ppodiag.ablate.run_summary import final_return, summarise, time_to


def log(path, rows):
    path.mkdir()
    lines = ["update,env_steps,episode_return,time/fps,train/loss"]
    lines += [",".join(map(str, row)) for row in rows]
    (path / "log.csv").write_text("\n".join(lines) + "\n")
    return summarise(str(path))


ROWS = [(i, (i + 1) * 100, 10.0 * i, 1000 + i, 0.5) for i in range(10)]


def test_the_digest_is_of_the_trajectory_and_not_of_its_speed(tmp_path):
    one = log(tmp_path / "a", ROWS)
    faster = log(tmp_path / "b", [(*row[:3], 9999, row[4]) for row in ROWS])
    other = log(tmp_path / "c", [*ROWS[:-1], (*ROWS[-1][:4], 0.5000000000000001)])
    assert one.digest == faster.digest
    assert one.digest != other.digest


def test_the_final_return_is_the_mean_over_the_last_part_of_the_run(tmp_path):
    found = log(tmp_path / "a", ROWS)
    assert found.env_steps == [100.0 * (i + 1) for i in range(10)]
    assert final_return(found, 0.1) == 90.0
    assert final_return(found, 0.3) == pytest.approx(80.0)
    assert final_return(found, 1.0) == pytest.approx(45.0)


def test_a_logged_mean_counts_by_the_episodes_behind_it(tmp_path):
    """30 episodes of 10 and 10 of 50 are 40 episodes of 20 on average, in whatever portions logged."""
    lines = ["update,env_steps,episode_return,episodes", "0,100,7,1", "1,200,10,30", "2,300,50,10"]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    found = summarise(str(tmp_path))
    assert found.episodes == [1.0, 30.0, 10.0]
    assert final_return(found, 2 / 3) == pytest.approx(20.0)
    one_by_one = [10.0] * 30 + [50.0] * 10
    assert np.mean(one_by_one) == pytest.approx(20.0)


def test_updates_without_an_episode_count_nothing(tmp_path):
    """A row in which no episode ended has no return and no weight."""
    lines = ["update,env_steps,episode_return,episodes", "0,100,8,2", "1,200,,0", "2,300,4,1"]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    assert final_return(summarise(str(tmp_path)), 1.0) == pytest.approx(20 / 3)


def test_means_without_a_count_of_episodes_weigh_alike(tmp_path):
    """A log that leaves a mean uncounted is averaged point by point."""
    lines = ["update,env_steps,episode_return,episodes", "0,100,8,9", "1,200,4,"]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    found = summarise(str(tmp_path))
    assert (found.episodes, final_return(found, 1.0)) == ([], 6.0)


def test_a_log_without_returns_has_no_score(tmp_path):
    found = log(tmp_path / "a", [(i, 100 * i, "nan", 1, 0) for i in range(3)])
    assert math.isnan(final_return(found, 0.1))
    assert time_to(found, 1.0, 2) == math.inf


def test_a_threshold_is_reached_where_the_mean_of_the_window_is(tmp_path):
    found = log(tmp_path / "a", ROWS)
    # Means of 3: 10, 20, …; the fourth of them is 40 and ends at the sixth row.
    assert time_to(found, 40.0, 3) == 600.0
    assert time_to(found, 80.1, 3) == math.inf
