"""Generated from the files in ppodiag/rules by tools/generate_bundle.py."""

from collections.abc import Iterator
from ppodiag.context import Context
from ppodiag.diagnostic import Edit, Finding, Fix
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import at_least, at_most, count, over_range, percent, steps
from typing import Final

CHECKSUMS = {
    'lr102': 2102954501,
}

def _lr102():
    MUCH: Final = 0.25
    MOST: Final = 0.5
    ADVISED: Final = 0.1
    @rule('LR102', 'warmup-takes-much-of-the-run', ERROR, ranged=True)
    def check(ctx: Context) -> Iterator[Finding]:
        warmup = ctx.config.warmup_steps
        if warmup == 0:
            return
        ticks = ctx.run.ticks
        share = warmup / ticks
        if share <= MUCH or warmup >= ticks:
            return
        interval = ctx.over_range(lambda c: warmup / c.run.ticks)
        advised = int(ADVISED * ticks)
        span = over_range(ctx, interval, percent)
        yield ctx.finding(ERROR if share > MOST else WARNING, 'warmup_steps', f"warm-up takes {at_least(ctx)}{percent(share)} of the run: warmup_steps is {count(warmup)} of {at_most(ctx)}{steps(ctx, ticks)}{span.replace('; ', '; ' + at_least(ctx), 1)}", f'set warmup_steps to {count(advised)} or less (a tenth of the run), or train longer', inputs=('total_env_steps', 'rollout_len', 'num_envs', 'epochs', 'minibatch_size'), values={'warmup_ticks': warmup, 'run_ticks': ticks, 'share': share}, fix=Fix(f'set warmup_steps to {advised}, a tenth of the run', (Edit('/advanced_optimization/learning_rate_schedule/warmup_steps', str(advised)),)))
    return check

_ALL = (_lr102,)
RULES = {rule.code: rule for rule in (make() for make in _ALL)}
