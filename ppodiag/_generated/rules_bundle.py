"""Generated from the files in ppodiag/rules by tools/generate_bundle.py."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import accumulate
from ppodiag.config import DoesNotApply, FIELDS
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, INFO, WARNING, page_only, rule
from ppodiag.schedule import first_restart, lr_ratio_mean, ticks_below
from ppodiag.swing_limits import FLIPS, SWING, swings
from ppodiag.wording import across, at_least, at_most, count, counted, division, if_it_holds, number, percent, ratio, steps

CHECKSUMS = {
    'acc301': 830057331,
    'acc302': 3448156615,
    'acc303': 3043236939,
    'acc304': 1274719052,
    'acc306': 610080527,
    'acc307': 1124165978,
    'acc308': 1250859532,
    'bs201': 621913391,
    'bs202': 3865656501,
    'bs203': 2144653315,
    'bs204': 2534534945,
    'bs205': 4195798041,
    'bs206': 2164335350,
    'bs207': 3039538641,
    'bs208': 1897485022,
    'bs209': 4150398482,
    'bs210': 3032708734,
    'bs211': 1410692987,
    'bs212': 2791070622,
    'clp401': 1195233087,
    'clp402': 1967140395,
    'clp403': 3387137783,
    'gck501': 838745751,
    'gck502': 815153991,
    'gck503': 1740365195,
    'lr101': 2543250122,
    'lr102': 903796635,
    'lr103': 2175066122,
    'lr104': 1921953187,
    'lr105': 2738691196,
    'lr106': 2244178589,
    'lr107': 544308892,
    'lr108': 3145604597,
    'lr109': 1756071943,
    'lr110': 771692307,
    'lr111': 261035128,
    'lr112': 3691091803,
    'lr113': 913806435,
    'lr114': 1135853701,
    'lr115': 1718258170,
    'lr116': 39776996,
    'ppo001': 842389720,
    'ppo002': 3316811985,
    'ppo003': 1780100403,
    'ppo004': 2014795067,
    'ppo005': 3824843504,
    'ppo006': 3641454728,
    'ppo007': 803035305,
    'ppo008': 3999643354,
    'ppo009': 3712916856,
    'ppo010': 3887673073,
    'ppo011': 2546908279,
    'rt801': 4100489528,
    'rt802': 3805830121,
    'rt803': 2191732260,
    'sch101': 3764534496,
    'sch102': 1058080347,
    'sch103': 88195127,
    'sch104': 213811226,
    'sch105': 1030407075,
    'sch106': 466201290,
    'sch107': 726128053,
    'sch108': 654297508,
    'stb601': 1673320165,
    'stb602': 2375964575,
    'stb603': 2202910459,
    'stb604': 3707434850,
    'sup001': 4159676808,
    'sup002': 442240436,
    'sup003': 144514488,
    'syn001': 459915737,
    'syn002': 1717836744,
    'syn003': 3689634832,
    'syn004': 505464624,
    'syn005': 1936364993,
    'syn006': 1951086121,
    'trj001': 3646451018,
    'trj002': 1663903049,
    'trj003': 1194090643,
    'trj004': 1432575621,
    'unit701': 2416042950,
    'unit702': 2906721977,
    'unit703': 1901295583,
    'unit704': 2167349177,
}

def _acc301():
    @rule('ACC301', 'window-longer-than-an-epoch', ERROR, ranged=True)
    def check(ctx):
        a = ctx.config.accumulation_steps
        if a == 1 or a <= ctx.rollout.minibatches:
            return
        m, samples = (ctx.rollout.minibatches, ctx.rollout.samples)
        advised = max(1, m // 2)
        spread = across(ctx, lambda c: c.rollout.minibatches, count)
        yield ctx.finding(ERROR, 'accumulation_steps', f"accumulation_steps {count(a)} is longer than an epoch of {count(m)} minibatch{('' if m == 1 else 'es')} ({count(samples)} samples / {count(ctx.rollout.size)}){spread}; no window ever fills", f"set accumulation_steps to {count(advised)}{(' or less' if advised > 1 else '')}, or collect longer rollouts", inputs=('minibatch_size', 'rollout_len', 'num_envs'), values={'accumulation_steps': a, 'minibatches': m}, silences=('ACC302', 'ACC304', 'ACC306'))
    return check

def _acc302():
    REACH = 1024
    @rule('ACC302', 'partial-window', WARNING, ranged=True)
    def check(ctx):
        a = ctx.config.accumulation_steps
        m = ctx.rollout.minibatches
        if a == 1 or a >= m or m % a == 0:
            return
        weighed = ctx.profile.accumulation == 'samples'
        left = m % a
        effect = 'its samples keep their weight, for losses are weighed by samples' if weighed else f'divided by {count(a)} all the same, its {count(ctx.rollout.smallest_window)} samples together have {count(left)}/{count(a)} of the weight of a whole window'
        divisor = next((d for d in range(a, max(1, a - REACH), -1) if m % d == 0), 1)
        yield ctx.finding(INFO if weighed else WARNING, 'accumulation_steps', f'the last window of each epoch is partial: {count(m)} minibatches = {count(m // a)} × {count(a)} + {count(left)}; {effect}', f'set accumulation_steps to {count(divisor)}, which divides {count(m)}', inputs=('minibatch_size', 'rollout_len', 'num_envs'), values={'minibatches': m, 'accumulation_steps': a, 'last_window': left})
    return check

def _acc303():
    @rule('ACC303', 'unequal-minibatches-averaged', WARNING, ranged=True)
    def check(ctx):
        rollout = ctx.rollout
        a, m = (rollout.accumulation, rollout.minibatches)
        if a == 1 or m == 1 or rollout.smallest == rollout.size:
            return
        tail = rollout.smallest
        weighed = ctx.profile.accumulation == 'samples'
        ratio = rollout.size / tail
        effect = 'weighed by samples, so nothing is lost' if weighed else f'in a mean of means each of its samples weighs {count(rollout.size)}/{count(tail)} = {number(ratio)} times as much as the others'
        yield ctx.finding(INFO if weighed else WARNING, 'minibatch_size', f'minibatches of unequal size are accumulated: {division(rollout)}; {effect}', 'choose a minibatch size that divides the rollout', inputs=('accumulation_steps', 'rollout_len', 'num_envs'), values={'tail': tail, 'weight_ratio': ratio})
    return check

def _acc304():
    @rule('ACC304', 'effective-batch-is-the-rollout', WARNING, ranged=True)
    def check(ctx):
        a, rollout = (ctx.config.accumulation_steps, ctx.rollout)
        if a == 1 or a != rollout.minibatches:
            return
        yield ctx.finding(WARNING, 'accumulation_steps', f'the effective batch is the whole rollout: {count(a)} minibatches of {count(rollout.size)} make {count(rollout.samples)} samples, one optimizer step an epoch', f'set accumulation_steps to {count(a // 2)}' + (' or less' if a > 3 else ''), inputs=('minibatch_size', 'rollout_len', 'num_envs'), values={'accumulation_steps': a, 'minibatches': rollout.minibatches}, silences=('ACC306',))
    return check

def _acc306():
    FEW = 1000
    FEWEST_PUBLISHED = 7800
    @rule('ACC306', 'few-optimizer-steps', WARNING, ranged=True)
    def check(ctx):
        run = ctx.run
        if run.optimizer_steps >= FEWEST_PUBLISHED:
            return
        few = run.optimizer_steps < FEW
        expected = f'{count(FEW)}' if few else f'{count(FEWEST_PUBLISHED)}, the fewest of 44 published runs'
        spread = across(ctx, lambda c: c.run.optimizer_steps, count, at_most(ctx))
        rollout = ctx.rollout
        yield ctx.finding(WARNING if few else INFO, 'total_env_steps', f'the run has {at_most(ctx)}{count(run.optimizer_steps)} optimizer steps ({count(run.updates)} updates × {count(rollout.epochs)} epochs × {count(rollout.windows)}){spread}; expected at least {expected}', 'train longer, or lower accumulation_steps or minibatch_size', inputs=('epochs', 'rollout_len', 'num_envs', 'minibatch_size', 'accumulation_steps'), values={'optimizer_steps': run.optimizer_steps, 'updates': run.updates})
    return check

def _acc307():
    @rule('ACC307', 'accumulation-buys-nothing', INFO)
    def check(ctx):
        config = ctx.config
        room, a = (ctx.memory_bytes, config.accumulation_steps)
        if room is None or a == 1 or config.architecture is None:
            return
        from ppodiag.bytesize import size_text
        from ppodiag.memory import estimate_for
        largest = ctx.range_contexts[-1] if config.adaptive_batch else ctx
        size, samples = (largest.rollout.size, largest.rollout.samples)
        window = min(a * size, samples)
        whole = estimate_for(config, window)
        if whole is None or whole.total > room:
            return
        yield ctx.finding(INFO, 'accumulation_steps', f'accumulation_steps {count(a)} buys nothing: one minibatch of {count(window)} samples ({count(a)} × {count(size)}, at most the {count(samples)} of a rollout) needs an estimated {size_text(whole.total)} of the {size_text(room)} given', f'set accumulation_steps to 1 and minibatch_size to {count(window)}; the learning-rate clock may then tick more slowly', inputs=('minibatch_size', 'rollout_len', 'num_envs', 'state_dim', 'architecture'), values={'bytes': whole.total, 'memory_bytes': room, 'window_samples': window})
    return check

def _acc308():
    @rule('ACC308', 'accumulation-not-whole', ERROR)
    def check(ctx):
        if 'accumulation_steps' not in ctx.config.given:
            return
        a = ctx.raw('accumulation_steps')
        if a >= 1 and a == int(a):
            return
        meant = max(1, round(a))
        yield ctx.finding(ERROR, 'accumulation_steps', f'accumulation_steps is {number(a)}; it is a number of minibatches, whole and at least 1', f'set accumulation_steps to {meant}', values={'accumulation_steps': a}, fix=Fix(f'set accumulation_steps to {meant}', (Edit('/advanced_optimization/gradient_optimization/accumulation_steps', str(meant)),)))
    return check

def _bs201():
    @rule('BS201', 'impossible-bounds', ERROR)
    def check(ctx):
        if not ctx.config.adaptive_batch:
            return
        low, high = (ctx.raw('min_batch_size'), ctx.raw('max_batch_size'))
        if low % 1 or high % 1:
            return
        if low > high:
            yield ctx.finding(ERROR, 'min_batch_size', f'min_batch_size {count(low)} is above max_batch_size {count(high)}', 'write the smaller one as min_batch_size', inputs=('max_batch_size',), values={'min': low, 'max': high}, silences=('BS',))
        elif low < 1:
            yield ctx.finding(ERROR, 'min_batch_size', f'min_batch_size is {count(low)}; a minibatch has at least 1 sample', 'set min_batch_size to 32', values={'min': low}, silences=('BS',))
        else:
            size = ctx.config.minibatch_size
            if low <= size <= high:
                return
            bound = low if size < low else high
            yield ctx.finding(ERROR, 'minibatch_size', f'minibatch_size {count(size)} lies outside the bounds {count(low)} to {count(high)}; the run begins at {count(bound)}', f'set minibatch_size to {count(bound)}, or widen the bounds', inputs=('min_batch_size', 'max_batch_size'), values={'size': size, 'min': low, 'max': high}, silences=('BS',))
    return check

def _bs202():
    @rule('BS202', 'max-exceeds-rollout', WARNING)
    def check(ctx):
        if not ctx.config.adaptive_batch:
            return
        high, samples = (ctx.config.max_batch_size, ctx.rollout.samples)
        if high <= samples:
            return
        advised = max(samples // 4, ctx.size)
        mends = ctx.config.min_batch_size < advised < samples and ctx.at(advised).rollout.minibatches > 1
        yield ctx.finding(WARNING, 'max_batch_size', f'max_batch_size {count(high)} exceeds the rollout of {count(samples)} samples ({count(ctx.config.rollout_len)} × {count(ctx.config.num_envs)} environments)', f'set max_batch_size to {count(advised)} or less' if mends else 'lower minibatch_size and both bounds together, or collect longer rollouts', inputs=('rollout_len', 'num_envs'), values={'max': high, 'rollout_samples': samples}, fix=Fix(f'set max_batch_size to {advised}', (Edit('/advanced_optimization/adaptive_batch_size/max_batch_size', str(advised)),)) if mends else None, silences=('BS203',))
    return check

def _bs203():
    @rule('BS203', 'whole-rollout-minibatch', WARNING)
    def check(ctx):
        if not ctx.config.adaptive_batch:
            return
        high, samples = (ctx.config.max_batch_size, ctx.rollout.samples)
        if ctx.at(min(high, samples)).rollout.minibatches > 1:
            return
        steps, epochs = (ctx.rollout.minibatches, ctx.rollout.epochs)
        instead = f', in the place of {count(epochs * steps)}' if steps > 1 else ''
        advised = max(samples // 4, ctx.size)
        mends = ctx.config.min_batch_size < advised < samples and ctx.at(advised).rollout.minibatches > 1
        yield ctx.finding(WARNING, 'max_batch_size', f'at max_batch_size {count(high)} the whole rollout of {count(samples)} samples is one minibatch: {count(epochs)} steps an update on the same data{instead}', f'set max_batch_size to {count(advised)} or less' if mends else 'lower minibatch_size and both bounds together, or collect longer rollouts', inputs=('rollout_len', 'num_envs', 'epochs'), values={'max': high, 'rollout_samples': samples}, fix=Fix(f'set max_batch_size to {advised}', (Edit('/advanced_optimization/adaptive_batch_size/max_batch_size', str(advised)),)) if mends else None)
    return check

def _bs204():
    TINY = 8
    REACH = 1024
    @rule('BS204', 'tiny-normalisation-group', ERROR, ranged=True)
    def check(ctx):
        rollout, profile = (ctx.rollout, ctx.profile)
        smallest = {'window': rollout.smallest_window, 'minibatch': rollout.smallest, 'rollout': rollout.samples}[profile.advantages_per]
        if smallest >= TINY:
            return
        undefined = smallest == 1 and profile.advantage_std == 'unguarded' and (ctx is ctx.initial)
        tail = smallest < rollout.size
        fewest = f'can have as few as {smallest}' if _cut(ctx) else f'has {smallest}'
        how = f'the last {profile.advantages_per} of an epoch {fewest} of {count(rollout.samples)} samples ({division(rollout)})' if tail and rollout.minibatches > 1 else f"a {profile.advantages_per} {fewest} sample{('' if smallest == 1 else 's')}"
        what = 'their deviation is NaN' if undefined else 'their mean and deviation are noise'
        yield ctx.finding(ERROR if undefined else WARNING, 'rollout_len' if profile.advantages_per == 'rollout' else 'minibatch_size', f'advantages are normalised over a tiny group: {how}; {what}', _remedy(ctx), inputs=('rollout_len', 'num_envs', 'accumulation_steps'), values={'smallest': smallest, 'rollout_samples': rollout.samples})
    def _cut(ctx):
        steps = ctx.config.rollout_len
        return steps % min(ctx.config.sequence_length, steps) != 0
    def _remedy(ctx):
        samples, size = (ctx.rollout.samples, ctx.size)
        if samples < TINY:
            return f'collect longer rollouts: {TINY} samples or more'
        if ctx is not ctx.initial:
            return 'normalise over the rollout, or merge the short last minibatch into the one before'
        if ctx.config.sequence_length == 1:
            for distance in range(REACH):
                for near in (size + distance, size - distance):
                    if near >= TINY and samples % near == 0:
                        return f'set minibatch_size to {count(near)}, which divides {count(samples)}'
        return 'choose a minibatch size that divides the rollout, or a larger one'
    return check

def _bs205():
    WIDEST = 4
    @rule('BS205', 'range-wide-for-one-learning-rate', WARNING)
    def check(ctx):
        if not ctx.config.adaptive_batch:
            return
        low, high = (ctx.config.min_batch_size, ctx.config.max_batch_size)
        if high <= WIDEST * low:
            return
        near_low = max(low, -(-ctx.size // 2))
        near_high = min(high, WIDEST * near_low)
        yield ctx.finding(WARNING, 'max_batch_size', f'the batch range is wide for one learning rate: {count(high)} / {count(low)} = {number(high / low)}, expected at most {WIDEST}', f'narrow the range, for example to {count(near_low)} to {count(near_high)}, around the {count(ctx.size)} that the run begins with', inputs=('min_batch_size', 'minibatch_size'), values={'min': low, 'max': high, 'ratio': high / low})
    return check

def _bs206():
    FEWEST_UPDATES = 5
    @rule('BS206', 'adaptation-rate', ERROR)
    def check(ctx):
        if not ctx.config.adaptive_batch:
            return
        rate = ctx.raw('adaptation_rate')
        if not 0 < rate < 1:
            yield ctx.finding(ERROR, 'adaptation_rate', f'adaptation_rate is {number(rate)}; it is the largest relative change an update, between 0 and 1 (both exclusive)', 'set adaptation_rate to 0.1', values={'rate': rate}, silences=('BS208',))
            return
        low, high = (ctx.config.min_batch_size, ctx.config.max_batch_size)
        extent = math.log(high / low)
        if extent <= SWING:
            return
        updates = extent / -math.log1p(-rate)
        if updates >= FEWEST_UPDATES:
            return
        advised = math.floor(-1000 * math.expm1(-extent / FEWEST_UPDATES)) / 1000
        yield ctx.finding(WARNING, 'adaptation_rate', f'the batch size can cross its range in {number(updates)} updates: ln({count(high)}/{count(low)}) / −ln(1 − {number(rate)}); expected at least {FEWEST_UPDATES}', f'set adaptation_rate to {number(advised)} or less', inputs=('min_batch_size', 'max_batch_size'), values={'rate': rate, 'updates': updates}, fix=Fix(f'set adaptation_rate to {number(advised)}', (Edit('/advanced_optimization/adaptive_batch_size/adaptation_rate', number(advised)),)))
    return check

def _bs207():
    DISTANCE = 0.1
    @rule('BS207', 'rounding-dead-zone', INFO, ranged=True)
    def check(ctx):
        config = ctx.config
        if not config.adaptive_batch or ctx.profile.batch_state != 'integer':
            return
        change = config.adaptation_rate * ctx.size * DISTANCE
        if change >= 0.5:
            return
        needed = 0.5 / (config.adaptation_rate * ctx.size)
        takes = f'it takes {number(100 * needed)}%' if needed < 1 else 'no norm can change it'
        rate = 0.5 / (ctx.size * DISTANCE)
        yield ctx.finding(INFO, 'adaptation_rate', f'rounding swallows the adaptation: a norm 10% off its reference changes the size by {number(config.adaptation_rate)} · {count(ctx.size)} · 0.1 = {number(change)} samples, which rounds to 0; {takes}', f'set adaptation_rate to {math.ceil(1000 * rate) / 1000:g} or more, or use larger minibatches' if rate < 1 else f'use minibatches of {count(0.5 / (config.adaptation_rate * DISTANCE))} or more', inputs=('minibatch_size',), values={'change': change, 'distance_needed': needed})
    return check

def _bs208():
    GAIN = 4.5
    LARGEST_RATE = 1 / GAIN
    ADVISED_RATE = 0.1
    @rule('BS208', 'feedback-runs-to-a-bound', ERROR)
    def check(ctx):
        config = ctx.config
        if not config.adaptive_batch or config.min_batch_size == config.max_batch_size:
            return
        if ctx.profile.batch_reference == 'max_grad_norm':
            yield _fixed_reference(ctx)
            return
        rate = config.adaptation_rate
        if rate <= LARGEST_RATE:
            return
        yield ctx.finding(WARNING, 'adaptation_rate', f'noise drives the batch size to its bounds: the loop gain is 4.5 · {number(rate)} = {number(GAIN * rate)} × the share of noise in the squared gradient norm, and passes 1 from a share of {percent(1 / (GAIN * rate))}; expected a rate of at most 2/9 = 0.222', f'set adaptation_rate to {ADVISED_RATE}', inputs=('min_batch_size', 'max_batch_size'), values={'rate': rate, 'gain': GAIN * rate, 'critical_share': 1 / (GAIN * rate)}, fix=Fix(f'set adaptation_rate to {ADVISED_RATE}', (Edit('/advanced_optimization/adaptive_batch_size/adaptation_rate', str(ADVISED_RATE)),)), silences=('BS206',))
    def _fixed_reference(ctx):
        config = ctx.config
        threshold = config.max_grad_norm
        if threshold is None:
            return ctx.finding(ERROR, 'adaptive_batch', f'profile {ctx.profile.name} compares gradient norms with max_grad_norm, which is absent: the batch size has no reference', 'give ppo_config.max_grad_norm, or use a runtime with a moving reference', inputs=('max_grad_norm',), values={})
        rate = config.adaptation_rate
        return ctx.finding(WARNING, 'adaptation_rate', f'nothing holds the batch size between {count(config.min_batch_size)} and {count(config.max_batch_size)}: norms are compared with the fixed max_grad_norm {number(threshold)}; a smaller batch raises the norm, which shrinks the batch, a deviation growing by up to {number(rate)}/2 = {percent(rate / 2)} an update where noise dominates', 'use a runtime with a moving reference, or disable adaptive_batch_size', inputs=('max_grad_norm', 'min_batch_size', 'max_batch_size'), values={'rate': rate, 'growth': rate / 2}, silences=('BS206',))
    return check

def _bs209():
    MUCH = 1.5
    @rule('BS209', 'clock-moves-with-the-batch', INFO)
    def check(ctx):
        config = ctx.config
        if not ctx.wants_info or not config.adaptive_batch or (not config.has_schedule):
            return
        if ctx.profile.one_lr_per_update:
            return
        sizes = ctx.range_contexts
        most, least = (sizes[0].rollout.ticks, sizes[-1].rollout.ticks)
        if most <= MUCH * least:
            return
        warmup = config.warmup_steps
        share = ''
        if warmup:
            try:
                spread = across(ctx, lambda c: warmup / c.run.ticks, percent, at_least(ctx))
                share = spread.replace('; ', '; the warm-up takes ', 1)
            except DoesNotApply:
                share = ''
        yield ctx.finding(INFO, '/advanced_optimization/adaptive_batch_size', f'the learning-rate clock moves with the batch: an update has {count(most)} ticks at size {count(sizes[0].size)} and {count(least)} at {count(sizes[-1].size)}, a ratio of {number(most / least)}{share}', 'narrow the range, or count the schedule in updates or environment steps', inputs=('min_batch_size', 'max_batch_size', 'warmup_steps', 'rollout_len', 'epochs'), values={'ticks_at_min': most, 'ticks_at_max': least})
    return check

def _bs210():
    KEYS = ('min_batch_size', 'max_batch_size', 'adaptation_rate')
    ENABLE = '/' + FIELDS['adaptive_batch'][0]
    BLOCK = ENABLE.rsplit('/', 1)[0]
    @rule('BS210', 'switch-does-nothing', INFO)
    def check(ctx):
        config = ctx.config
        if config.adaptive_batch:
            if config.min_batch_size != config.max_batch_size:
                return
            yield ctx.finding(INFO, ENABLE, f'the batch size adapts within no range: both bounds are {count(config.min_batch_size)}', 'widen the bounds, or disable the adaptation', inputs=('min_batch_size', 'max_batch_size'), values={'bound': config.min_batch_size}, silences=('BS205', 'BS206', 'BS207', 'BS208', 'BS209'))
            return
        given = [key for key in KEYS if key in config.given]
        if given:
            stated = 'adaptive_batch' in config.given
            yield ctx.finding(INFO, ENABLE if stated else BLOCK, f"the adaptive batch size is {('disabled' if stated else 'not enabled')}, so {', '.join(given)} {('does' if len(given) == 1 else 'do')} nothing; the minibatch size stays at {count(ctx.size)}", 'set enable to true, or remove the block', inputs=given)
    return check

def _bs211():
    @rule('BS211', 'sequences-do-not-fit', WARNING)
    def check(ctx):
        config = ctx.config
        length = config.sequence_length
        if length <= 1:
            return
        steps, size = (config.rollout_len, config.minibatch_size)
        faults, examples = ([], [])
        if steps % length:
            faults.append(f'rollout_len {count(steps)} = {steps // length} × {length} + {steps % length}')
            examples.append(f'rollout_len {count(_near(steps, length))}')
        if not config.adaptive_batch and size % length:
            nominal = ctx.rollout.size
            faults.append(f'minibatch_size {count(size)} = {size // length} × {length} + {size % length} (a minibatch has {count(nominal)} samples)')
            examples.append(f'minibatch_size {count(_near(size, length))}')
        if faults:
            yield ctx.finding(WARNING, 'sequence_length', f"sequences of {count(length)} steps do not fit: {'; '.join(faults)}", f"choose multiples of {length}, for example {' and '.join(examples)}, or another sequence_length", inputs=('rollout_len', 'minibatch_size'), values={'sequence_length': length, 'rollout_len': steps, 'minibatch_size': size})
    def _near(value, length):
        return max(1, (2 * value + length) // (2 * length)) * length
    return check

def _bs212():
    MOST_RATIO = 2
    @rule('BS212', 'memory-moves-with-the-batch', WARNING)
    def check(ctx):
        config = ctx.config
        if not config.adaptive_batch or config.architecture is None:
            return
        from ppodiag.bytesize import size_text
        from ppodiag.memory import estimate_for
        sizes = (ctx.range_contexts[0].rollout.size, ctx.range_contexts[-1].rollout.size)
        low, high = (estimate_for(config, size) for size in sizes)
        if low is None or high is None or high.total <= MOST_RATIO * low.total:
            return
        room = ctx.memory_bytes
        fits = room is not None and high.total <= room
        given = '' if room is None else f', of {size_text(room)} given'
        yield ctx.finding(INFO if fits else WARNING, 'max_batch_size', f'training needs an estimated {size_text(high.total)} at minibatch size {count(sizes[1])} and {size_text(low.total)} at {count(sizes[0])}, a ratio of {number(high.total / low.total)}{given}; expected at most {MOST_RATIO}', 'try the run at max_batch_size first, or narrow the range', inputs=('min_batch_size', 'rollout_len', 'num_envs', 'state_dim', 'architecture'), values={'bytes_at_min': low.total, 'bytes_at_max': high.total})
    return check

def _clp401():
    FLAG = '/advanced_optimization/gradient_optimization/clip_by_global_norm'
    @rule('CLP401', 'dead-or-missing-threshold', ERROR)
    def check(ctx):
        config = ctx.config
        flag = config.clip_by_global_norm
        threshold = None
        if 'max_grad_norm' in config.given and ctx.value['ppo_config']['max_grad_norm'] is not None:
            threshold = ctx.raw('max_grad_norm')
        if threshold is None:
            if flag:
                yield ctx.finding(ERROR, FLAG, 'clip_by_global_norm is true and ppo_config.max_grad_norm is missing: there is no threshold to clip to', 'add "max_grad_norm": 0.5 to ppo_config', silences=('CLP403',))
        elif flag is False:
            yield ctx.finding(INFO, 'max_grad_norm', f'max_grad_norm {number(threshold)} does nothing: clip_by_global_norm is false', 'set clip_by_global_norm to true, or remove max_grad_norm', inputs=(FLAG,), values={'max_grad_norm': threshold})
        elif threshold <= 0:
            yield ctx.finding(ERROR, 'max_grad_norm', f'max_grad_norm is {number(threshold)}: every gradient is scaled to nothing, no weight moves; expected a norm above 0', 'set max_grad_norm to 0.5', inputs=(FLAG,), values={'max_grad_norm': threshold}, fix=Fix('set max_grad_norm to 0.5', (Edit('/ppo_config/max_grad_norm', '0.5'),)))
    return check

def _clp402():
    LOWEST = 0.3
    HIGHEST = 5.0
    FAR_OUT = 10.0
    @rule('CLP402', 'threshold-unusual', WARNING)
    def check(ctx):
        threshold = ctx.config.max_grad_norm
        if threshold is None or LOWEST <= threshold <= HIGHEST or (not ctx.config.clipping):
            return
        small = threshold < LOWEST
        yield ctx.finding(WARNING if threshold > FAR_OUT else INFO, 'max_grad_norm', f'max_grad_norm is {number(threshold)}; 44 published PPO configurations have {LOWEST} to {HIGHEST:g}' + ('' if small else ', and a threshold this large lets an explosion pass'), 'set max_grad_norm to 0.5' + ('; compare it with the logged gradient norms' if small else ''), values={'max_grad_norm': threshold})
    return check

def _clp403():
    HIGH_LR = 0.001
    @rule('CLP403', 'explosion-has-no-guard', WARNING)
    def check(ctx):
        config = ctx.config
        if config.clipping or (config.accumulation_steps == 1 and config.lr <= HIGH_LR):
            return
        reasons = []
        if config.accumulation_steps > 1:
            reasons.append(f'gradients of {config.accumulation_steps} minibatches are accumulated')
        if config.lr > HIGH_LR:
            reasons.append(f'lr {number(config.lr)} is above {number(HIGH_LR)}')
        flag = 'clip_by_global_norm'
        stated = flag in config.given
        yield ctx.finding(WARNING, flag if stated else '/advanced_optimization/gradient_optimization', f"nothing guards against an exploding gradient: no clipping, while {' and '.join(reasons)}", 'set clip_by_global_norm to true, with "max_grad_norm": 0.5 in ppo_config', inputs=('accumulation_steps', 'lr', 'max_grad_norm'))
    return check

def _gck501():
    ROOT = 'actor_critic_architecture'
    MOST_DEPTH = 8
    @rule('GCK501', 'checkpointing-with-dropout', WARNING)
    def check(ctx):
        if not ctx.config.checkpointing:
            return
        found = list(_dropouts(ctx.value.get(ROOT), f'/{ROOT}', MOST_DEPTH))
        if not found:
            return
        (pointer, value), *others = found
        preserved = ctx.profile.checkpoint_rng == 'preserved'
        yield ctx.finding(INFO if preserved else WARNING, pointer, f'dropout {number(value)} is drawn twice by gradient checkpointing; ' + ('the gradient is right only because the runtime preserves the random state' if preserved else "the runtime does not preserve the random state, so the gradient is another network's"), 'make sure that preserve_rng_state is on, or set dropout to 0', inputs=('checkpointing', *(other for other, _ in others)), values={'dropout': value})
    def _dropouts(block, pointer, depth):
        from ppodiag.source.document import escape
        if not isinstance(block, Mapping) or block.get('enable') is False or depth == 0:
            return
        for key, value in block.items():
            if key == 'dropout' and type(value) in (int, float) and (value > 0):
                yield (f'{pointer}/dropout', value)
            elif isinstance(value, Mapping) and (not key.startswith(('_', '$'))):
                yield from _dropouts(value, f'{pointer}/{escape(key)}', depth - 1)
    return check

def _gck502():
    LEAST_SHARE = 0.05
    @rule('GCK502', 'checkpointing-saves-little', INFO)
    def check(ctx):
        config = ctx.config
        if not ctx.wants_info or not config.checkpointing:
            return
        evidence, share = ('', None)
        if config.architecture is not None:
            from ppodiag.bytesize import size_text
            from ppodiag.memory import estimate_for
            largest = ctx.range_contexts[-1] if config.adaptive_batch else ctx
            size = largest.rollout.size
            plain = estimate_for(config, size, checkpointing=False)
            kept = estimate_for(config, size, checkpointing=True)
            if plain is not None and kept is not None:
                share = (plain.total - kept.total) / plain.total
                less = 'saves ' + percent(share) if share > 0 else 'saves nothing'
                evidence = f'{less} of an estimated {size_text(plain.total)} at minibatch size {count(size)}'
        small = share is not None and share < LEAST_SHARE
        if not small and ctx.device != 'cpu':
            return
        if small:
            message = f'checkpointing {evidence}; expected at least {percent(LEAST_SHARE)}'
        else:
            message = "checkpointing spends time to save an accelerator's memory, and the CPU trains"
            message += f' (it {evidence})' if evidence else ''
        yield ctx.finding(INFO, 'checkpointing', message, 'set use_gradient_checkpointing to false', inputs=('minibatch_size', 'rollout_len', 'num_envs', 'state_dim', 'architecture') if evidence else (), values={} if share is None else {'share': share})
    return check

def _gck503():
    BLOCK = '/actor_critic_architecture/stabilization'
    @rule('GCK503', 'stateful-module-recomputed', WARNING)
    def check(ctx):
        if not ctx.config.checkpointing:
            return
        architecture = ctx.value.get('actor_critic_architecture')
        block = architecture.get('stabilization') if isinstance(architecture, Mapping) else None
        if not isinstance(block, Mapping) or block.get('enable') is False:
            return
        keys = [key for key in block if key.endswith('momentum') and (not key.startswith(('_', '$')))]
        if not keys:
            return
        from ppodiag.source.document import escape
        outside = ctx.profile.running_statistics == 'outside'
        yield ctx.finding(INFO if outside else WARNING, f'{BLOCK}/{escape(keys[0])}', f'{keys[0]} means running statistics inside the network; gradient checkpointing runs the forward pass twice, ' + ('which does no harm because the runtime keeps them outside the recomputed part' if outside else 'and so updates them twice with the same data'), 'keep running normalizers outside the recomputed part', inputs=('checkpointing', *(f'{BLOCK}/{escape(key)}' for key in keys[1:])))
    return check

def _lr101():
    ADVISED = 0.1
    @rule('LR101', 'warmup-never-ends', ERROR, ranged=True)
    def check(ctx):
        warmup = ctx.config.warmup_steps
        if warmup == 0:
            return
        run = ctx.run
        if warmup < run.ticks:
            return
        advised = int(ADVISED * run.ticks)
        highest = _highest(ctx)
        yield ctx.finding(ERROR, 'warmup_steps', f'warm-up never ends: warmup_steps is {count(warmup)}, the run has {at_most(ctx)}{steps(ctx, run.ticks)}; the learning rate gets to {at_most(ctx)}{ratio(highest)} of its peak{across(ctx, _highest, ratio, at_most(ctx))}', f"set warmup_steps to {count(advised)}{(' or less (a tenth of the run)' if advised else '')}, or train longer", inputs=('total_env_steps', 'rollout_len', 'num_envs', 'epochs', 'minibatch_size'), values={'warmup_ticks': warmup, 'run_ticks': run.ticks, 'final_ratio': highest}, fix=Fix(f'set warmup_steps to {advised}, a tenth of the run', (Edit('/advanced_optimization/learning_rate_schedule/warmup_steps', str(advised)),)), silences=('LR102', 'LR103', 'LR104', 'LR112'))
    def _highest(ctx):
        warmup, final = (ctx.config.warmup_steps, ctx.run.final_tick)
        return max(ctx.lr_ratio(min(final, warmup - 1)), ctx.lr_ratio(min(final, warmup)))
    return check

def _lr102():
    MUCH = 0.25
    MOST = 0.5
    ADVISED = 0.1
    @rule('LR102', 'warmup-takes-much-of-the-run', ERROR, ranged=True)
    def check(ctx):
        warmup = ctx.config.warmup_steps
        if warmup == 0:
            return
        ticks = ctx.run.ticks
        share = warmup / ticks
        if share <= MUCH or warmup >= ticks:
            return
        advised = int(ADVISED * ticks)
        spread = across(ctx, lambda c: warmup / c.run.ticks, percent, at_least(ctx))
        yield ctx.finding(ERROR if share > MOST else WARNING, 'warmup_steps', f'warm-up takes {at_least(ctx)}{percent(share)} of the run: warmup_steps is {count(warmup)} of {at_most(ctx)}{steps(ctx, ticks)}{spread}', f"set warmup_steps to {count(advised)}{(' or less (a tenth of the run)' if advised else '')}, or train longer", inputs=('total_env_steps', 'rollout_len', 'num_envs', 'epochs', 'minibatch_size'), values={'warmup_ticks': warmup, 'run_ticks': ticks, 'share': share}, fix=Fix(f'set warmup_steps to {advised}, a tenth of the run', (Edit('/advanced_optimization/learning_rate_schedule/warmup_steps', str(advised)),)))
    return check

def _lr103():
    COMPLETE = 0.95
    @rule('LR103', 'first-cycle-never-completed', WARNING, ranged=True)
    def check(ctx):
        period = ctx.config.restart_period
        if period is None or ctx.config.schedule_kind != 'cosine_annealing_with_warmup':
            return
        run, schedule = (ctx.run, ctx.schedule)
        elapsed = run.ticks - schedule.origin
        if run.ticks <= schedule.warmup or elapsed >= COMPLETE * period:
            return
        whole = max(elapsed, run.final_tick + 1 - schedule.origin)
        stretch = 'all that follows the warm-up' if schedule.origin else 'the whole run'
        moves = ctx.over_range(lambda c: c.run.ticks)
        varies = moves is not None and moves.low != moves.high
        final = ctx.lr_ratio(run.final_tick)
        spread = across(ctx, lambda c: c.lr_ratio(c.run.final_tick), ratio)
        yield ctx.finding(WARNING, 'restart_period', f'the first cosine cycle is never completed: the run has {at_most(ctx)}{count(elapsed)} of its {count(period)} ticks; the learning rate ends at {ratio(final)} of its peak{if_it_holds(ctx)}{spread}', f'remove restart_period: one cycle over {stretch}, and none begins anew as the batch moves' if varies else f'set restart_period to {count(whole)} (one cycle over {stretch}), or remove it', inputs=('warmup_steps', 'min_lr_ratio', 'total_env_steps', 'rollout_len', 'num_envs', 'epochs', 'minibatch_size'), values={'cycle_ticks': elapsed, 'period_ticks': period, 'final_ratio': final}, fix=None if varies else Fix(f'set restart_period to {whole}, one whole cycle', (Edit('/advanced_optimization/learning_rate_schedule/restart_period', str(whole)),)))
    return check

def _lr104():
    UPPER = 0.5
    SHORT = 20
    @rule('LR104', 'ends-near-a-peak', WARNING, ranged=True)
    def check(ctx):
        period = ctx.config.restart_period
        if period is None or ctx.config.schedule_kind != 'cosine_annealing_with_warmup':
            return
        last, schedule = (ctx.run.final_tick, ctx.schedule)
        if last < first_restart(schedule) or schedule.floor >= 1:
            return
        final = ctx.lr_ratio(last)
        height = (final - schedule.floor) / (1 - schedule.floor)
        if height <= UPPER:
            return
        before, into = divmod(last - schedule.origin, period)
        span = max(last + 1, ctx.run.ticks) - schedule.origin
        cycles, advised = _whole_cycles(span, period)
        missing = cycles * advised - span
        spread = across(ctx, lambda c: c.lr_ratio(c.run.final_tick), ratio)
        yield ctx.finding(ctx.capped(WARNING), 'restart_period', f'training ends near a peak: {count(into + 1)} of {count(period)} ticks into cycle {count(before + 1)}, at {ratio(final)} of the peak, {percent(height)} of the way up from the floor{if_it_holds(ctx)}{spread}', f"set restart_period to {count(advised)}, so that {count(cycles)} whole cycle{('s fit' if cycles > 1 else ' fits')}" + (f' (the last lacks {count(missing)} of its ticks)' if missing else ''), inputs=('warmup_steps', 'min_lr_ratio', 'total_env_steps', 'rollout_len', 'num_envs', 'epochs', 'minibatch_size'), values={'final_ratio': final, 'height': height, 'cycle_ticks': into + 1}, fix=Fix(f'set restart_period to {advised}', (Edit('/advanced_optimization/learning_rate_schedule/restart_period', str(advised)),)))
    def _whole_cycles(span, period):
        cycles = max(1, round(span / period))
        length = -(-span // cycles)
        if (cycles * length - span) * SHORT > length:
            cycles = max(1, math.isqrt(span // SHORT))
            length = -(-span // cycles)
        return (cycles, length)
    return check

def _lr105():
    ADVISED = 10
    @rule('LR105', 'restart-inside-one-update', ERROR, ranged=True)
    def check(ctx):
        period = ctx.config.restart_period
        if period is None or ctx.config.schedule_kind != 'cosine_annealing_with_warmup':
            return
        rollout = ctx.rollout
        if period >= rollout.ticks:
            return
        what, product = ('rollout', '')
        if not ctx.profile.one_lr_per_update:
            what = 'update'
            epochs = '1 epoch' if rollout.epochs == 1 else f'{count(rollout.epochs)} epochs'
            product = f' ({epochs} × {count(rollout.ticks // rollout.epochs)})'
        yield ctx.finding(ERROR, 'restart_period', f'the learning rate restarts inside each {what}: restart_period is {count(period)}, one {what} has {steps(ctx, rollout.ticks)}{product}', f'set restart_period to {count(ADVISED * rollout.ticks)} or more ({ADVISED} updates)', inputs=('epochs', 'rollout_len', 'num_envs', 'minibatch_size', 'accumulation_steps'), values={'period_ticks': period, 'update_ticks': rollout.ticks}, silences=('LR107', 'LR108') if period > 1 else ('LR107',))
    return check

def _lr106():
    JUMP = 10.5
    MANY = 1000000
    @rule('LR106', 'restart-jump', WARNING, ranged=True)
    def check(ctx):
        period = ctx.config.restart_period
        if period is None or ctx.config.schedule_kind != 'cosine_annealing_with_warmup':
            return
        schedule, every = (ctx.schedule, 1)
        if ctx.profile.clock == 'env_step':
            every = ctx.rollout.ticks
        earlier = (first_restart(schedule) - 1) // every * every
        later = earlier + every
        if earlier < schedule.warmup or later > ctx.run.final_tick:
            return
        before, after = (ctx.lr_ratio(earlier), ctx.lr_ratio(later))
        if before * JUMP >= after:
            return
        lr = ctx.config.lr
        which = 'each' if every == 1 else 'the first'
        factor = count(after / before) if before * MANY > after else f'more than {count(MANY)}'
        yield ctx.finding(ctx.capped(WARNING), 'min_lr_ratio', f'{which} restart multiplies the learning rate by {factor}: from {number(lr * before)} ({ratio(before)} of the peak) to {number(lr * after)} at t = {count(later)}; min_lr_ratio is {number(schedule.floor)}', 'set min_lr_ratio to 0.2 or more, or remove restart_period', inputs=('restart_period', 'warmup_steps', 'lr'), values={'ratio_before': before, 'ratio_after': after, 'tick': later})
    return check

def _lr107():
    @rule('LR107', 'kink-in-mid-update', INFO)
    def check(ctx):
        config = ctx.config
        if ctx.profile.one_lr_per_update or not config.has_schedule:
            return
        ticks = ctx.rollout.ticks
        odd = []
        if config.warmup_steps % ticks and _in_run(ctx, config.warmup_steps):
            odd.append(('warmup_steps', config.warmup_steps))
        period = config.restart_period
        cosine = config.schedule_kind == 'cosine_annealing_with_warmup'
        if cosine and period is not None and period % ticks and _in_run(ctx, None):
            odd.append(('restart_period', period))
        if not odd:
            return
        seen = ' and '.join((f'{name} is {count(length)} = {length / ticks:.2f} updates' for name, length in odd))
        advised = ' and '.join((f'{name} to {count(max(1, round(length / ticks)) * ticks)}' for name, length in odd))
        yield ctx.finding(INFO, odd[0][0], f'the schedule has a kink in mid-update: {seen}, at {count(ticks)} ticks an update', f'set {advised} (whole updates)', inputs=(*(name for name, _ in odd[1:]), 'epochs', 'rollout_len', 'minibatch_size'), values={'update_ticks': ticks, **dict(odd)})
    def _in_run(ctx, tick):
        try:
            return ctx.run.ticks > (first_restart(ctx.schedule) if tick is None else tick)
        except DoesNotApply:
            return True
    return check

def _lr108():
    FEW_TICKS = 20
    FEW_UPDATES = 10
    @rule('LR108', 'degenerate-cycle', ERROR, ranged=True)
    def check(ctx):
        period = ctx.config.restart_period
        if period is None or ctx.config.schedule_kind != 'cosine_annealing_with_warmup':
            return
        if period >= FEW_TICKS:
            return
        ticks = ctx.rollout.ticks
        advised = FEW_UPDATES * ticks
        if period == 1:
            yield ctx.finding(ERROR, 'restart_period', 'restart_period is 1: every tick begins a cycle, so after the warm-up the learning rate is always at its peak and min_lr_ratio never counts', f'set restart_period to {count(advised)} or more, or use type constant', inputs=('min_lr_ratio', 'epochs', 'minibatch_size'), values={'period_ticks': 1}, silences=('LR104', 'LR105', 'LR106', 'LR107'))
        elif period < FEW_UPDATES * ticks:
            yield ctx.finding(WARNING, 'restart_period', f'a cycle of {steps(ctx, period)} is too short for a cosine: expected at least {min(FEW_TICKS, advised)}', f'set restart_period to {count(max(FEW_TICKS, advised))} or more', inputs=('epochs', 'rollout_len', 'num_envs', 'minibatch_size'), values={'period_ticks': period, 'update_ticks': ticks})
    return check

def _lr109():
    SILENCED = ('LR104', 'LR106', 'LR112', 'LR113', 'LR116')
    @rule('LR109', 'floor-is-not-a-ratio', ERROR)
    def check(ctx):
        if 'min_lr_ratio' not in ctx.config.given or ctx.config.schedule_kind == 'constant':
            return
        r = ctx.raw('min_lr_ratio')
        if not 0 <= r <= 1:
            yield ctx.finding(ERROR, 'min_lr_ratio', f'min_lr_ratio is {number(r)}; it is the ratio of the floor to the peak, from 0 to 1', 'write a ratio, for example 0.1 for a tenth of the peak', inputs=('lr',), values={'ratio': r}, silences=SILENCED)
            return
        lr = ctx.config.lr
        if r == 1:
            yield ctx.finding(WARNING, 'min_lr_ratio', 'min_lr_ratio is 1: the floor is the peak, so the learning rate never falls', 'write a ratio below 1, or use type constant', values={'ratio': r}, silences=SILENCED)
        elif 0 < r <= lr:
            relative = float(f'{r / lr:.3g}')
            meant = lr < relative < 1
            yield ctx.finding(WARNING, 'min_lr_ratio', f'min_lr_ratio {number(r)} looks like an absolute learning rate: as a ratio it makes the floor lr · r = {number(lr)} · {number(r)} = {number(lr * r)}', f'write {number(relative)} if {number(r)} was meant as the lowest learning rate' if meant else 'write a ratio, for example 0.1 for a tenth of the peak', inputs=('lr',), values={'ratio': r, 'floor': lr * r, 'meant_ratio': relative}, fix=Fix(f'write {number(relative)} = {number(r)} / lr', (Edit('/advanced_optimization/learning_rate_schedule/min_lr_ratio', f'{relative!r}'),)) if meant else None, silences=SILENCED)
    return check

def _lr110():
    @rule('LR110', 'first-step-at-zero', WARNING, ranged=True)
    def check(ctx):
        warmup, profile = (ctx.config.warmup_steps, ctx.profile)
        if warmup == 0 or profile.warmup_form != 't/W':
            return
        if profile.clock == 'minibatch' and min(ctx.rollout.accumulation, ctx.rollout.minibatches) > 1:
            return
        if profile.clock == 'env_step' and profile.update_tick == 'last':
            return
        if profile.skipped_updates == 'ticking' and ctx.budget.skipped >= 1:
            return
        whole = profile.one_lr_per_update
        what = f'the whole first update ({count(ctx.rollout.epochs * ctx.rollout.windows)} optimizer steps) has' if whole else 'the first optimizer step has'
        yield ctx.finding(WARNING if whole else INFO, 'warmup_steps', f'{what} a learning rate of 0: warm-up is t/W with W = {count(warmup)}, and it reads t = 0', 'use a runtime (or declare a profile) whose warm-up is (t + 1)/W' + (', or set warmup_steps to 0' if whole else '; one lost step is harmless'), inputs=('accumulation_steps',), values={'warmup_ticks': warmup})
    return check

def _lr111():
    LARGEST_PUBLISHED = 0.001
    UNUSUAL = 0.003
    FAR_OUT = 0.01
    @rule('LR111', 'peak-learning-rate', ERROR)
    def check(ctx):
        lr = ctx.config.lr
        if lr <= LARGEST_PUBLISHED:
            return
        times = number(lr / LARGEST_PUBLISHED)
        compared = 'just above' if times == '1' else f'{times} times'
        severity = ERROR if lr >= FAR_OUT else WARNING if lr > UNUSUAL else INFO
        yield ctx.finding(severity, 'lr', f'the peak learning rate {number(lr)} is {compared} the largest ({number(LARGEST_PUBLISHED)}) of 44 published PPO configurations', 'set lr to 3e-4, the most common published value, and go up from there', values={'lr': lr, 'largest_published': LARGEST_PUBLISHED}, fix=Fix('set lr to 3e-4', (Edit('/ppo_config/lr', '3e-4'),)))
    return check

def _lr112():
    LOW = 0.4
    @rule('LR112', 'mean-far-below-peak', INFO, ranged=True)
    def check(ctx):
        if not ctx.config.has_schedule:
            return
        mean = _mean(ctx)
        if mean >= LOW:
            return
        lr = ctx.config.lr
        yield ctx.finding(ctx.capped(INFO), '/advanced_optimization/learning_rate_schedule', f'the mean learning rate is {ratio(mean)} of the peak, {number(lr * mean)} of {number(lr)}{if_it_holds(ctx)}{across(ctx, _mean, ratio)}', f'report the effective mean, and compare with a constant {number(lr * mean)}', inputs=('lr', 'warmup_steps', 'restart_period', 'min_lr_ratio', 'total_env_steps'), values={'mean_ratio': mean, 'mean_lr': lr * mean})
    def _mean(ctx):
        return lr_ratio_mean(ctx.schedule, *ctx.run.reads)
    return check

def _lr113():
    SMALL_RATIO = 0.01
    SMALL_LR = 1e-06
    ADVISED = 0.1
    @rule('LR113', 'floor-negligible', WARNING, ranged=True)
    def check(ctx):
        config = ctx.config
        period = config.restart_period
        if period is None or config.schedule_kind != 'cosine_annealing_with_warmup':
            return
        r, lr = (config.min_lr_ratio, config.lr)
        if not 0 < r < SMALL_RATIO or lr * r >= SMALL_LR:
            return
        if ctx.run.final_tick < first_restart(ctx.schedule):
            return
        yield ctx.finding(WARNING, 'min_lr_ratio', f'the floor of each cycle is negligible: lr · min_lr_ratio = {number(lr)} · {number(r)} = {number(lr * r)}, below {number(SMALL_LR)}', f'set min_lr_ratio to {ADVISED} (a floor of {number(lr * ADVISED)})', inputs=('lr', 'restart_period'), values={'floor': lr * r}, fix=Fix(f'set min_lr_ratio to {ADVISED}', (Edit('/advanced_optimization/learning_rate_schedule/min_lr_ratio', str(ADVISED)),)))
    return check

def _lr114():
    DEPENDENT = ('LR101', 'LR102', 'LR103', 'LR115')
    @rule('LR114', 'clock-not-declared', INFO)
    def check(ctx):
        if ctx.profile_declared or ctx.config.accumulation_steps == 1 or (not ctx.config.has_schedule):
            return
        minibatch = ctx.under(replace(ctx.profile, clock='minibatch'))
        optimizer = ctx.under(replace(ctx.profile, clock='optimizer_step'))
        differing = []
        for code in DEPENDENT:
            here, there = (minibatch.severity_of(code), optimizer.severity_of(code))
            if here is not there:
                words = [severity.word if severity else 'silent' for severity in (here, there)]
                differing.append(f'{code} ({words[0]} in minibatch steps, {words[1]} in optimizer steps)')
        if differing:
            yield ctx.finding(INFO, '/advanced_optimization/learning_rate_schedule', f"the unit of the clock decides and is not declared: {', '.join(differing)}", 'declare the runtime\'s profile, with --profile or in the file as "$ppodiag": {"profile": "note"}', inputs=('warmup_steps', 'accumulation_steps'), values={'rules': [text.split()[0] for text in differing]})
    return check

def _lr115():
    ADVISED = 2
    @rule('LR115', 'kl-anchor-gone-before-peak', WARNING, ranged=True)
    def check(ctx):
        warmup, decay = (ctx.config.warmup_steps, ctx.config.kl_ref_decay_minibatches)
        if warmup == 0 or decay is None:
            return
        rollout = ctx.rollout
        per_update = rollout.epochs * rollout.minibatches
        minibatches = warmup * per_update / rollout.ticks
        if decay > minibatches:
            return
        block = ctx.value['kl_regularization']
        if block.get('kl_ref_coef_initial') == 0:
            return
        converted = ''
        if minibatches != warmup:
            unit = ctx.profile.tick_unit
            converted = f' ({count(warmup)} {unit}s)'
        advised = int(ADVISED * minibatches)
        yield ctx.finding(WARNING, 'kl_ref_decay_minibatches', f"the KL anchor is gone before the learning rate's peak: kl_ref_decay_steps is {count(decay)} minibatch steps, the warm-up lasts {count(minibatches)}{converted}", f'set kl_ref_decay_steps to {count(advised)} or more (twice the warm-up)', inputs=('warmup_steps',), values={'decay_minibatch_steps': decay, 'warmup_minibatch_steps': minibatches}, fix=Fix(f'set kl_ref_decay_steps to {advised}', (Edit('/kl_regularization/kl_ref_decay_steps', str(advised)),)))
    return check

def _lr116():
    NEARLY_ZERO = 0.01
    LONG = 0.1
    @rule('LR116', 'stuck-at-zero', WARNING, ranged=True)
    def check(ctx):
        if ctx.config.schedule_kind == 'constant' or ctx.config.min_lr_ratio >= NEARLY_ZERO:
            return
        run = ctx.run
        below = ticks_below(ctx.schedule, NEARLY_ZERO, run.first_tick, run.ticks)
        share = below / (run.ticks - run.first_tick)
        if share <= LONG:
            return
        yield ctx.finding(ctx.capped(WARNING), '/advanced_optimization/learning_rate_schedule', f'after the warm-up the learning rate is below {percent(NEARLY_ZERO)} of its peak for {percent(share)} of the run ({count(below)} of {count(run.ticks - run.first_tick)} ticks){if_it_holds(ctx)}; min_lr_ratio is {number(ctx.config.min_lr_ratio)}', 'set min_lr_ratio to 0.05 or more, or restart_period so that the cycle lasts the whole run', inputs=('min_lr_ratio', 'restart_period', 'warmup_steps', 'total_env_steps'), values={'share': share, 'ticks': below})
    return check

def _ppo001():
    LOWEST = 0.9
    HIGHEST = 0.9999
    @rule('PPO001', 'gamma-unusual', INFO)
    def check(ctx):
        value = ctx.config.gamma
        if LOWEST <= value <= HIGHEST:
            return
        yield ctx.finding(INFO, 'gamma', f'gamma is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}', 'set gamma to 0.99', inputs=(), values={'gamma': value})
    return check

def _ppo002():
    LOWEST = 0.8
    HIGHEST = 1.0
    @rule('PPO002', 'gae-lambda-unusual', INFO)
    def check(ctx):
        value = ctx.config.gae_lambda
        if LOWEST <= value <= HIGHEST:
            return
        yield ctx.finding(INFO, 'gae_lambda', f'gae_lambda is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}', 'set gae_lambda to 0.95', inputs=(), values={'gae_lambda': value})
    return check

def _ppo003():
    LOWEST = 0.1
    HIGHEST = 0.4
    @rule('PPO003', 'clip-ratio-unusual', INFO)
    def check(ctx):
        value = ctx.config.clip_ratio
        if LOWEST <= value <= HIGHEST:
            return
        yield ctx.finding(INFO, 'clip_ratio', f'clip_ratio is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}', 'set clip_ratio to 0.2', inputs=(), values={'clip_ratio': value})
    return check

def _ppo004():
    LOWEST = 1
    HIGHEST = 20
    @rule('PPO004', 'epochs-unusual', INFO)
    def check(ctx):
        value = ctx.config.epochs
        if LOWEST <= value <= HIGHEST:
            return
        yield ctx.finding(INFO, 'epochs', f'epochs is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}', 'set epochs to 4 to 10', inputs=(), values={'epochs': value})
    return check

def _ppo005():
    SHORT = 0.05
    @rule('PPO005', 'rollout-short-beside-the-horizon', INFO)
    def check(ctx):
        config = ctx.config
        share = round(config.rollout_len * (1 - config.gamma), 9)
        if share >= SHORT or config.gamma >= 1:
            return
        yield ctx.finding(INFO, 'rollout_len', f'the rollout is short beside the horizon: {count(config.rollout_len)} steps of 1/(1 − {config.gamma}) = {count(1 / (1 - config.gamma))}, a share of {number(share)}', f'set rollout_len to {count(math.ceil(round(SHORT / (1 - config.gamma), 6)))} or more, or lower gamma', inputs=('gamma',), values={'share': share})
    return check

def _ppo006():
    LARGE = 0.05
    INITIAL = '/ppo_config/entropy_schedule/initial'
    @rule('PPO006', 'entropy-coefficient-large', INFO)
    def check(ctx):
        if ctx.config.entropy_schedule:
            pointer, value = (INITIAL, ctx.value['ppo_config']['entropy_schedule'].get('initial', 0))
        else:
            pointer, value = ('entropy_coef', ctx.config.entropy_coef)
        if type(value) not in (int, float):
            return
        if value <= LARGE:
            return
        yield ctx.finding(INFO, pointer, f'the entropy coefficient {value:.15g} is {number(min(value / 0.01, 1e+308))} times the largest (0.01) of 44 published PPO configurations', 'set it to 0.01 or less', values={'entropy_coef': value})
    return check

def _ppo007():
    REACH = 4096
    @rule('PPO007', 'minibatch-does-not-divide-rollout', INFO)
    def check(ctx):
        config = ctx.config
        if config.adaptive_batch or config.sequence_length > 1:
            return
        samples, size = (ctx.rollout.samples, config.minibatch_size)
        if size > samples or samples % size == 0:
            return
        reach = range(size, max(0, size - REACH), -1)
        divisor = next((d for d in reach if samples % d == 0), math.gcd(samples, size))
        yield ctx.finding(INFO, 'minibatch_size', f'minibatch_size {count(size)} does not divide the rollout: {count(samples)} = {count(samples // size)} × {count(size)} + {count(samples % size)}', f'set minibatch_size to {count(divisor)}, or a multiple of it that divides {count(samples)}', inputs=('rollout_len', 'num_envs'), values={'remainder': samples % size})
    return check

def _ppo008():
    @rule('PPO008', 'value-clip-without-scale', INFO)
    def check(ctx):
        config = ctx.config
        value = config.clip_range_vf
        if value is None or value != config.clip_ratio:
            return
        if config.reward_scaling and (not _disabled(ctx.value['reward_config']['reward_scaling'])):
            return
        yield ctx.finding(INFO, 'clip_range_vf', f'clip_range_vf {number(value)} is the same number as clip_ratio, but in units of the value: without reward scaling the value function moves by at most {number(value)} an update', 'remove clip_range_vf, or scale the rewards', inputs=('clip_ratio',), values={'clip_range_vf': value})
    def _disabled(scaling):
        return isinstance(scaling, dict) and scaling.get('enable') is False
    return check

def _ppo009():
    ELSEWHERE = '/actor_critic_architecture/action_dim'
    @rule('PPO009', 'entropy-minimum-out-of-reach', WARNING)
    def check(ctx):
        config = ctx.config
        lowest = config.kl_entropy_min
        if lowest is None:
            return
        actions = config.action_dim
        if type(actions) not in (int, float) or (actions is not None and actions < 1):
            actions = None
        if actions is not None and lowest > math.log(actions):
            yield ctx.finding(WARNING, 'kl_entropy_min', f'entropy_min {lowest:.15g} is above ln {count(actions)} = {math.log(actions):.6g}, the largest entropy that the policy can have', f'set entropy_min below {number(math.log(actions))}', inputs=('action_dim' if 'action_dim' in config.given else ELSEWHERE,), values={'entropy_min': lowest, 'largest': math.log(actions)})
            return
        threshold = config.entropy_threshold
        if config.entropy_threshold_enabled and threshold is not None and (lowest > threshold):
            yield ctx.finding(WARNING, 'kl_entropy_min', f'entropy_min {lowest:.15g} is above entropy_threshold_penalty.threshold {threshold:.15g}: between them both penalties apply, in opposite directions', f'set entropy_min below {threshold:.15g}', inputs=('entropy_threshold',), values={'entropy_min': lowest, 'threshold': threshold})
    return check

def _ppo010():
    @rule('PPO010', 'two-kl-targets', WARNING)
    def check(ctx):
        one, other = (ctx.config.target_kl, ctx.config.kl_target)
        if one is None or other is None or one == other:
            return
        yield ctx.finding(WARNING, 'target_kl', f'two KL targets: {one:.15g} in ppo_config, {other:.15g} in kl_regularization', 'keep one of the two, or give both the same value', inputs=('kl_target',), values={'ppo_config': one, 'kl_regularization': other})
    return check

def _ppo011():
    @rule('PPO011', 'minibatch-exceeds-rollout', WARNING)
    def check(ctx):
        config = ctx.config
        if config.adaptive_batch:
            return
        size, samples = (config.minibatch_size, ctx.rollout.samples)
        if size <= samples:
            return
        yield ctx.finding(WARNING, 'minibatch_size', f'minibatch_size {count(size)} is larger than the rollout of {count(samples)} samples ({count(config.rollout_len)} × {count(config.num_envs)} environments): each epoch is one step on all of it', f'set minibatch_size to {count(max(1, samples // 4))} or less', inputs=('rollout_len', 'num_envs'), values={'minibatch_size': size, 'rollout_samples': samples}, fix=Fix(f'set minibatch_size to {samples}, which changes nothing but the number', (Edit('/ppo_config/minibatch_size', str(samples)),)))
    return check

def _rt801():
    check = page_only('RT801', 'nothing-reads-this', ERROR, 'runtime')
    return check

def _rt802():
    check = page_only('RT802', 'read-under-another-name', WARNING, 'runtime')
    return check

def _rt803():
    check = page_only('RT803', 'read-and-never-used', WARNING, 'runtime')
    return check

def _sch101():
    check = page_only('SCH101', 'wrong-type', ERROR, 'schema')
    return check

def _sch102():
    check = page_only('SCH102', 'out-of-range', ERROR, 'schema')
    return check

def _sch103():
    check = page_only('SCH103', 'missing-key', ERROR, 'schema')
    return check

def _sch104():
    check = page_only('SCH104', 'unknown-key', ERROR, 'schema')
    return check

def _sch105():
    check = page_only('SCH105', 'near-miss', ERROR, 'schema')
    return check

def _sch106():
    check = page_only('SCH106', 'unknown-choice', ERROR, 'schema')
    return check

def _sch107():
    check = page_only('SCH107', 'key-without-effect', WARNING, 'schema')
    return check

def _sch108():
    check = page_only('SCH108', 'malformed-ppodiag-object', ERROR, 'schema')
    return check

def _stb601():
    @rule('STB601', 'stabilization-defers-nothing', WARNING)
    def check(ctx):
        config = ctx.config
        window = config.stabilization_steps
        if window == 0 or window >= ctx.rollout.samples:
            return
        if config.total_env_steps is not None and ctx.budget.rollouts < 1:
            return
        samples = ctx.rollout.samples
        yield ctx.finding(WARNING, 'stabilization_steps', f'stabilization_steps {count(window)} defers nothing: a rollout is {count(samples)} samples ({count(config.rollout_len)} × {count(config.num_envs)} environments), and floor({count(window)} / {count(samples)}) = 0 updates are skipped', f'set stabilization_steps to {count(samples)} to defer one update, or to 0', inputs=('rollout_len', 'num_envs'), values={'stabilization_env_steps': window, 'rollout_samples': samples}, fix=Fix(f'set stabilization_steps to {samples}, one rollout', (Edit('/ppo_config/stabilization_steps', str(samples)),)))
    return check

def _stb602():
    MUCH = 0.2
    @rule('STB602', 'stabilization-defers-too-much', ERROR)
    def check(ctx):
        window = ctx.config.stabilization_steps
        if window == 0:
            return
        budget, samples = (ctx.budget, ctx.rollout.samples)
        if budget.rollouts == 0 or budget.skipped <= MUCH * budget.rollouts:
            return
        everything = budget.skipped == budget.rollouts
        fewest = 1 if budget.rollouts * MUCH >= 1 else 0
        advised = max(fewest, budget.rollouts // 20) * samples
        yield ctx.finding(ERROR if everything else WARNING, 'stabilization_steps', ('nothing ever trains: stabilization_steps ' if everything else f'stabilization takes {percent(budget.skipped / budget.rollouts)} of the run: stabilization_steps ') + f'{count(window)} skips {count(budget.skipped)} of {count(budget.rollouts)} updates of {count(samples)} samples', f'set stabilization_steps to {count(advised)}' + (' or less' if advised else ', or shorten the rollout, or train longer'), inputs=('total_env_steps', 'rollout_len', 'num_envs'), values={'skipped_updates': budget.skipped, 'rollouts': budget.rollouts}, silences=('UNIT703',) if everything else ())
    return check

def _stb603():
    @rule('STB603', 'two-stabilization-windows', INFO)
    def check(ctx):
        config = ctx.config
        other = config.stabilization_env_steps_other
        if other is None or 'stabilization_steps' not in config.given:
            return
        if not config.statistics_stabilization or other == config.stabilization_steps:
            return
        yield ctx.finding(INFO, 'stabilization_env_steps_other', f"a second stabilization window: statistics_stabilization has {count(other)} environment steps, ppo_config has {count(config.stabilization_steps)}; only ppo_config's counts here", 'keep one of the two, or give both the same value', inputs=('stabilization_steps',), values={'other': other, 'counts': config.stabilization_steps})
    return check

def _stb604():
    ENOUGH = 200
    @rule('STB604', 'too-few-samples-for-a-scale', INFO)
    def check(ctx):
        if ctx.config.stabilization_steps == 0:
            return
        skipped, samples = (ctx.budget.skipped, ctx.rollout.samples)
        seen = (skipped + 1) * samples
        if skipped == 0 or seen >= ENOUGH or ctx.budget.applied == 0:
            return
        yield ctx.finding(INFO, 'stabilization_steps', f"the first update's statistics come from ({skipped} + 1) × {count(samples)} = {count(seen)} samples: the relative error of a deviation is about {percent(1 / math.sqrt(2 * seen))}", f'set stabilization_steps to {count((-(-ENOUGH // samples) - 1) * samples)} or more', inputs=('rollout_len', 'num_envs'), values={'samples': seen})
    return check

def _sup001():
    check = page_only('SUP001', 'suppresses-nothing', WARNING, 'suppression')
    return check

def _sup002():
    check = page_only('SUP002', 'suppression-expired', WARNING, 'suppression')
    return check

def _sup003():
    check = page_only('SUP003', 'suppression-not-understood', WARNING, 'suppression')
    return check

def _syn001():
    check = page_only('SYN001', 'invalid-syntax', ERROR, 'syntax')
    return check

def _syn002():
    check = page_only('SYN002', 'duplicate-key', ERROR, 'syntax')
    return check

def _syn003():
    check = page_only('SYN003', 'not-a-finite-number', ERROR, 'syntax')
    return check

def _syn004():
    check = page_only('SYN004', 'number-too-large', ERROR, 'syntax')
    return check

def _syn005():
    check = page_only('SYN005', 'not-an-object', ERROR, 'syntax')
    return check

def _syn006():
    check = page_only('SYN006', 'not-utf-8', ERROR, 'syntax')
    return check

def _trj001():
    @rule('TRJ001', 'simulated-batch-swings', WARNING, stage='trajectory')
    def check(ctx):
        trajectory = ctx.simulated
        if trajectory.sizes is None or trajectory.known_updates < 3:
            return
        from ppodiag.figures import feedback_of, spread
        deviation, flips = (spread(figure.tolist()).median for figure in trajectory.swings)
        if not swings(deviation, flips):
            return
        feedback = feedback_of(trajectory)
        calm = feedback.calm_rate if feedback else None
        rate = ctx.config.adaptation_rate
        advice = 'lower adaptation_rate, or tighten min_batch_size and max_batch_size'
        if calm is not None and calm < rate:
            advice = f'set adaptation_rate to {number(calm)} or less, or tighten the bounds'
        yield ctx.finding(WARNING, 'adaptation_rate', f"the minibatch size swings: its logarithm changes by {number(deviation)} an update (standard deviation) and turns in {percent(flips)} of its changes, over {counted(trajectory.known_updates, 'simulated update')} × {counted(len(trajectory.seeds), 'seed')}; expected at most {SWING} and {percent(FLIPS)}", advice, inputs=('min_batch_size', 'max_batch_size', 'minibatch_size'), values={'std_delta_log': deviation, 'sign_flips': flips})
    return check

def _trj002():
    PINNED = 0.5
    @rule('TRJ002', 'simulated-batch-pinned', WARNING, stage='trajectory')
    def check(ctx):
        trajectory = ctx.simulated
        low_size, high_size = trajectory.size_bounds if trajectory.sizes is not None else (0, 0)
        if low_size == high_size:
            return
        from ppodiag.figures import bound_shares
        low, high = bound_shares(trajectory)
        share, field, size = max((low, 'min_batch_size', low_size), (high, 'max_batch_size', high_size))
        if share <= PINNED or size == ctx.size:
            return
        bound = 'lower bound' if field == 'min_batch_size' else 'upper bound'
        if size < getattr(ctx.config, field):
            bound = f'whole rollout, less than the {bound}'
        yield ctx.finding(WARNING, field, f"{percent(share)} of the simulated updates use {count(size)} samples, the {bound}, and not the {count(ctx.size)} that the run begins with ({counted(trajectory.known_updates, 'update')} × {counted(len(trajectory.seeds), 'seed')})", f'set minibatch_size to {count(size)} with the adaptation off, or lower adaptation_rate', inputs=('minibatch_size', 'adaptation_rate'), values={'share_lower': low, 'share_upper': high})
    return check

def _trj003():
    ALWAYS = 0.9
    @rule('TRJ003', 'simulated-clipping-always', INFO, stage='trajectory')
    def check(ctx):
        trajectory = ctx.simulated
        threshold = ctx.config.max_grad_norm
        if trajectory.norms is None or not ctx.config.clipping or threshold is None:
            return
        if getattr(trajectory.source, 'assumed', False):
            return
        from ppodiag.figures import norm_quantiles
        share, _, median, high = norm_quantiles(trajectory, threshold)
        if share <= ALWAYS:
            return
        yield ctx.finding(INFO, 'max_grad_norm', f'{percent(share)} of the updates have a gradient norm above max_grad_norm {number(threshold)} (median {number(median)}, 95% {number(high)}): every gradient is scaled down, and an explosion would not show', f'watch the norm before clipping; as a guard, set max_grad_norm to about {number(high)}', values={'share': share, 'median': median, 'p95': high})
    return check

def _trj004():
    ASKED = ('LR', 'ACC306', 'UNIT702')
    @rule('TRJ004', 'schedule-meets-the-batch', INFO, stage='trajectory')
    def check(ctx):
        trajectory = ctx.simulated
        if trajectory.fixed or not trajectory.updates:
            return
        path = trajectory.median_path
        run = trajectory.run_of(path)
        if run == ctx.run:
            return
        then = ctx.with_run(run)
        asked = {code: rule for code, rule in ctx.rules.items() if code.startswith(ASKED)}
        planned = {f.code for rule in asked.values() for f in rule.run(ctx)}
        found = [f for rule in asked.values() for f in rule.run(then) if f.severity >= WARNING and f.code not in planned]
        if not found:
            return
        ctx.code = 'TRJ004'
        yield ctx.finding(INFO, found[0].pointer, f'with {_cause(ctx)} the run has {count(run.minibatch_steps)} minibatch steps on the median path, and not {count(ctx.run.minibatch_steps)}; then ' + '; '.join((f'{f.code}: {f.message}' for f in found)), found[0].remedy, inputs=('adaptation_rate', 'min_batch_size', 'max_batch_size'), values={'codes': [f.code for f in found], 'minibatch_steps': run.minibatch_steps})
    def _cause(ctx):
        trajectory = ctx.simulated
        causes = ['the simulated batch sizes'] if trajectory.sizes is not None else []
        causes += ['the recorded early stops'] if trajectory.minibatches is not None else []
        return ' and '.join(causes)
    return check

def _unit701():
    STAGES = '/curriculum_learning/stages'
    MOST = 3
    @rule('UNIT701', 'curriculum-longer-than-the-run', WARNING)
    def check(ctx):
        config = ctx.config
        total = config.total_env_steps
        stages = config.stage_env_steps
        if not config.curriculum or not stages or total is None:
            if config.curriculum and stages:
                _ = ctx.budget
            return
        whole = sum(stages)
        if whole <= total or total == 0:
            return
        starts = list(accumulate(stages, initial=0))[:-1]
        never = [index for index, start in enumerate(starts) if start >= total]
        cut = max((index for index, start in enumerate(starts) if start < total))
        sum_up = f'the stages add up to {count(whole)} environment steps, {number(whole / total)} times the run of {count(total)}'
        short = ''
        if starts[cut] + stages[cut] > total:
            short = f'{_name(ctx, cut)} is cut short at {count(total - starts[cut])} of {count(stages[cut])}'
        if never:
            late = ', '.join((f'{_name(ctx, i)} (would begin at {count(starts[i])})' for i in never[:MOST]))
            if len(never) > MOST:
                late += f' and {count(len(never) - MOST)} more'
            verb = 'never starts' if len(never) == 1 else 'never start'
            message = f'{sum_up}: {late} {verb}' + (f', and {short}' if short else '')
        else:
            message = f'{sum_up}: {short}'
        yield ctx.finding(WARNING if never else INFO, f'{STAGES}/{never[0]}/duration_requests' if never else f'{STAGES}/{cut}/duration_requests', message, f'scale the durations by {number(total / whole)}, or train for {count(whole)} environment steps', inputs=('total_env_steps', *(f'{STAGES}/{index}/duration_requests' for index in range(min(len(stages), 2 * MOST)) if index != (never[0] if never else cut))), values={'stages_env_steps': whole, 'total_env_steps': total})
    def _name(ctx, index):
        stage = ctx.value['curriculum_learning']['stages'][index]
        name = stage.get('name')
        return f'{name!r}' if isinstance(name, str) and len(name) <= 30 else f'stage {index + 1}'
    return check

def _unit702():
    @rule('UNIT702', 'schedule-longer-than-the-run', WARNING, ranged=True)
    def check(ctx):
        config = ctx.config
        lengths = []
        if config.entropy_schedule:
            lengths.append(('entropy_decay_minibatches', 'the entropy schedule', 'decay'))
        elif config.entropy_warmup_coef is not None:
            lengths.append(('kl_warmup_minibatches', 'the entropy boost', 'length'))
        lengths.append(('kl_ref_decay_minibatches', 'the reference KL', 'decay'))
        for field, what, part in lengths:
            length = getattr(config, field)
            if length is None:
                continue
            run = ctx.run
            if length <= run.minibatch_steps or _is_flat(ctx, field):
                continue
            share = run.minibatch_steps / length
            spread = across(ctx, lambda c: c.run.minibatch_steps, count, at_most(ctx))
            yield ctx.finding(WARNING, field, f'{what} wants {count(length)} minibatch steps of {at_most(ctx)}{count(run.minibatch_steps)} in the run{spread}; it gets through {at_most(ctx)}{percent(share)} of its {part}', f'set it to {count(run.minibatch_steps)} or less, or train longer', inputs=('total_env_steps', 'rollout_len', 'num_envs', 'epochs', 'minibatch_size'), values={'minibatch_steps': run.minibatch_steps, 'wanted': length}, fix=Fix(f'set it to {run.minibatch_steps}, the whole run', (Edit(ctx.pointer(field), str(run.minibatch_steps)),)))
    _ENDS = {'entropy_decay_minibatches': (('ppo_config', 'entropy_schedule'), 'initial', 'final'), 'kl_ref_decay_minibatches': (('kl_regularization',), 'kl_ref_coef_initial', 'kl_ref_coef_final')}
    def _is_flat(ctx, field):
        if field == 'kl_warmup_minibatches':
            return bool(ctx.config.entropy_warmup_coef == ctx.config.entropy_coef)
        path, first, last = _ENDS[field]
        block: Any = ctx.value
        for part in path:
            block = block[part]
        return first in block and last in block and bool(block[first] == block[last])
    return check

def _unit703():
    FEWEST_PUBLISHED = 24
    @rule('UNIT703', 'run-too-short', ERROR)
    def check(ctx):
        rollouts = ctx.budget.rollouts
        if rollouts >= FEWEST_PUBLISHED:
            return
        samples, total = (ctx.rollout.samples, ctx.config.total_env_steps or 0)
        rollout = f'{count(ctx.config.rollout_len)} × {count(ctx.config.num_envs)} environments'
        yield ctx.finding(WARNING if rollouts else ERROR, 'total_env_steps', f"the run has {count(rollouts)} update{('' if rollouts == 1 else 's')}: {count(total)} environment steps in rollouts of {count(samples)} ({rollout}); " + (f'expected at least {FEWEST_PUBLISHED}, the fewest of 44 published runs' if rollouts else 'a rollout is longer than the run, so nothing ever trains'), f'train for {count(FEWEST_PUBLISHED * samples)} environment steps or more, or shorten the rollout', inputs=('rollout_len', 'num_envs'), values={'updates': rollouts, 'rollout_samples': samples}, silences=('ACC306',))
    return check

def _unit704():
    check = page_only('UNIT704', 'no-run-length', INFO, 'run_length')
    return check

_ALL = (_acc301, _acc302, _acc303, _acc304, _acc306, _acc307, _acc308, _bs201, _bs202, _bs203, _bs204, _bs205, _bs206, _bs207, _bs208, _bs209, _bs210, _bs211, _bs212, _clp401, _clp402, _clp403, _gck501, _gck502, _gck503, _lr101, _lr102, _lr103, _lr104, _lr105, _lr106, _lr107, _lr108, _lr109, _lr110, _lr111, _lr112, _lr113, _lr114, _lr115, _lr116, _ppo001, _ppo002, _ppo003, _ppo004, _ppo005, _ppo006, _ppo007, _ppo008, _ppo009, _ppo010, _ppo011, _rt801, _rt802, _rt803, _sch101, _sch102, _sch103, _sch104, _sch105, _sch106, _sch107, _sch108, _stb601, _stb602, _stb603, _stb604, _sup001, _sup002, _sup003, _syn001, _syn002, _syn003, _syn004, _syn005, _syn006, _trj001, _trj002, _trj003, _trj004, _unit701, _unit702, _unit703, _unit704,)
RULES = {rule.code: rule for rule in (make() for make in _ALL)}
