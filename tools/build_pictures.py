"""Draw the pictures of docs/: those that `ppodiag simulate --plot` makes, and those of the batch law.

Run by `make docs`. The files are the same wherever matplotlib and numpy have the versions of
constraints.txt.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ppodiag.batch import BatchLaw, adapt, minibatch_size
from ppodiag.norms.model import FloatArray, NormModel
from ppodiag.plot.style import COLOURS, new_figure, plain_axes, save

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"

LOW, BEGIN, HIGH, SIGMA, UPDATES = 32, 128, 512, 0.15, 400

COMMANDS = {
    "ill.svg": "simulate examples/ill.json",
    "profiles.svg": "simulate examples/ill.json --profile note --profile torch-optimizer-step "
    "--profile sb3",
    "warmup_sweep.svg": "simulate examples/ill.json --set restart_period=1800 "
    "--sweep warmup_steps=0:2000:11",
    "grid.svg": "simulate examples/ill.json --set restart_period=1800 --sweep warmup_steps=0:2000:9 "
    "--sweep adaptation_rate=0.05:0.5:10",
}


def paths(
    rate: float, share: float, reference: float | None, seeds: int, fall: float = 1.0
) -> FloatArray:
    """Minibatch sizes, shape (updates, seeds); the norm falls by `fall` at the middle."""
    law = BatchLaw(float(BEGIN), LOW, HIGH, rate, 10**9, reference, False)
    model = NormModel("noise", 1.0, share, SIGMA)
    state, moving, found = np.full(seeds, law.initial), np.zeros(seeds), []
    for update, factor in zip(range(UPDATES), model.factors(range(seeds)), strict=False):
        size = minibatch_size(law, state)
        found.append(size)
        level = model.level(size / law.initial) / (fall if update >= UPDATES // 2 else 1.0)
        state, moving = adapt(law, state, moving, level * factor)
    return np.array(found)


def share_at_a_bound(sizes: FloatArray) -> float:
    """Share of the updates of the second half that are at a bound."""
    half = sizes[len(sizes) // 2 :]
    return float(np.mean((half == LOW) | (half == HIGH)))


def draw_map() -> Any:
    """Share of late updates at a bound over rate and share of noise, for both references."""
    rates, shares = np.linspace(0.05, 0.5, 10), np.linspace(0.0, 0.95, 11)
    figure = new_figure(9.0, 3.6)
    for axes, reference, title in zip(
        figure.subplots(1, 2, sharey=True), (1.0, None), ("fixed reference", "moving reference"),
        strict=True,
    ):  # fmt: skip
        values = [
            [share_at_a_bound(paths(float(r), float(s), reference, 60)) for r in rates]
            for s in shares
        ]
        image = axes.imshow(
            values, origin="lower", aspect="auto", vmin=0, vmax=1, cmap="viridis",
            extent=(0.025, 0.525, -0.0475, 0.9975),
        )  # fmt: skip
        axes.set_title(title, loc="left")
        axes.set_xlabel("adaptation_rate")
        if reference is None:
            gain = np.linspace(2 / 9, 0.525, 50)
            axes.plot(gain, 1 / (4.5 * gain), color="white", linewidth=1.5)
            axes.text(0.4, 0.66, "gain 1", color="white")
        else:
            axes.set_ylabel("share of noise in E‖g‖²")
    figure.colorbar(image, ax=figure.axes, label="updates at a bound")
    return figure


def draw_paths() -> Any:
    """Six paths of three loops, share of noise 0.75."""
    figure = new_figure(9.0, 3.4)
    settings = (
        (0.1, 1.0, "fixed reference, rate 0.1"),
        (0.1, None, "moving, rate 0.1"),
        (0.5, None, "moving, rate 0.5"),
    )
    for axes, (rate, reference, title) in zip(
        figure.subplots(1, 3, sharey=True), settings, strict=True
    ):
        plain_axes(axes)
        for index, line in enumerate(paths(rate, 0.75, reference, 6).T):
            axes.plot(line, color=COLOURS[index], linewidth=0.9)
        for bound in (LOW, HIGH):
            axes.axhline(bound, color="#555555", linewidth=0.8, linestyle="--")
        axes.set_yscale("log", base=2)
        axes.set_yticks([32, 64, 128, 256, 512], ["32", "64", "128", "256", "512"])
        axes.set_title(title, loc="left")
        axes.set_xlabel("updates")
    figure.axes[0].set_ylabel("minibatch size")
    return figure


def draw_fall() -> Any:
    """The median of 200 paths when the norm falls by a factor of 4, without noise in it."""
    figure = new_figure(7.0, 3.2)
    axes = figure.subplots()
    plain_axes(axes)
    for index, rate in enumerate((0.02, 0.05, 0.08)):
        median = np.median(paths(rate, 0.0, None, 200, fall=4.0), axis=1)
        axes.plot(median, color=COLOURS[index], label=f"rate {rate}")
        axes.axhline(
            BEGIN * 4 ** (9 * rate), color=COLOURS[index], linestyle=":", linewidth=1,
            label=f"128 · 4^(9 · {rate}) = {BEGIN * 4 ** (9 * rate):.0f}",
        )  # fmt: skip
    axes.set_xlabel("updates; the norm falls by a factor of 4 at 200")
    axes.set_ylabel("minibatch size")
    axes.legend(fontsize=8, frameon=False, loc="center left")
    return figure


def main() -> None:
    """Draw every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    for name, words in COMMANDS.items():
        command = [sys.executable, "-m", "ppodiag", *words.split(), "--exit-zero"]
        subprocess.run(
            [*command, "--plot", f"docs/pictures/{name}"], check=True, capture_output=True
        )
    for name, draw in (
        ("bounds.svg", draw_map), ("paths.svg", draw_paths), ("fall.svg", draw_fall),
    ):  # fmt: skip
        save(draw(), str(PICTURES / name))
    print(f"drew {len(list(PICTURES.glob('*.svg')))} pictures")


if __name__ == "__main__":
    main()
