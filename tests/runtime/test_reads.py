"""Which ways of reading count, and which do not: one source text each, over one configuration."""

from __future__ import annotations

from typing import Any

import pytest

from ppodiag.finding import Finding
from ppodiag.runtime.files import Source
from ppodiag.runtime.judge import judge
from ppodiag.runtime.search import Runtime

CONFIG = {
    "lr": 1e-3,
    "kl": {"warmup_steps": 5, "comment": "free text", "_note": 1, "$schema": 2},
    "opt": {"schedule": {"warmup_steps": 10, "kind": "cosine"}, "clip": 1.0},
    "stages": [{"name": "easy", "steps": 3}, {"name": "hard", "extra": 1}],
}
LOAD = "import json\nconfig = json.load(open('ppo.json'))\n"


def findings(*texts: str, config: dict[str, Any] = CONFIG) -> list[Finding]:
    """What is said of the configuration where these texts are the runtime."""
    sources = [Source(f"m{number}.py", text) for number, text in enumerate(texts)]
    return judge(config, Runtime(sources, frozenset(f"m{n}" for n in range(len(texts)))))


def unread(*texts: str, config: dict[str, Any] = CONFIG) -> set[str]:
    """Pointers of RT801."""
    return {f.pointer for f in findings(*texts, config=config) if f.code == "RT801"}


BASE = LOAD + "use(config['lr'])\nuse(**config['kl'])\nuse(config['stages'])\n"
WAYS = {
    "subscripts": "use(config['opt']['schedule']['warmup_steps'])",
    "get": "use(config.get('opt', {}).get('schedule', {}).get('warmup_steps', 5))",
    "or": "use((config.get('opt') or {})['schedule']['warmup_steps'])",
    "pop": "o = config.pop('opt')\nuse(o.pop('schedule').pop('warmup_steps'))",
    "setdefault": "use(config['opt']['schedule'].setdefault('warmup_steps', 1))",
    "in": "if 'warmup_steps' in config['opt']['schedule']: pass",
    "attributes": "from omegaconf import OmegaConf\nc = OmegaConf.load(p)\nuse(c.opt.schedule.warmup_steps)",
    "getattr": "use(getattr(args.opt.schedule, 'warmup_steps', 3))",
    "variables": "o = config['opt']\ns = o.get('schedule', {})\nw = s\nuse(w['warmup_steps'])",
    "parameter": "def f(a):\n    use(a['warmup_steps'])\nf(config['opt']['schedule'])",
    "keyword": "def f(*, a):\n    use(a['warmup_steps'])\nf(a=config['opt']['schedule'])",
    "attribute": "class T:\n    def __init__(self, c):\n        self.c = c['opt']\n    def f(self):\n"
    "        use(self.c['schedule']['warmup_steps'])\nT(config)",
    "other name": "d = {'o': config['opt']}\nuse(d['o']['schedule']['warmup_steps'])",
    "dotted": "use(OmegaConf.select(config, 'opt.schedule.warmup_steps'))",
    "jq": "use(lookup(config, '.opt.schedule.warmup_steps'))",
    "loop of names": "s = config['opt']['schedule']\nfor k in ('warmup_steps',):\n    use(s[k])",
    "list of names": "K = ['warmup_steps']\ns = config['opt']['schedule']\nx = [s[k] for k in K]",
    "nested getter": "def g(c, *ks):\n    for k in ks:\n        c = c[k]\n    return c\n"
    "use(g(config, 'opt', 'schedule', 'warmup_steps'))",
    "match": "match config:\n    case {'opt': {'schedule': {'warmup_steps': w}}}:\n        use(w)",
    "star star": "use(**config['opt']['schedule'])",
    "whole": "import torch\ntorch.optim.make(config['opt'])",
    "items": "for k, v in config['opt']['schedule'].items():\n    use(k, v)",
    "comprehension": "use([v for v in config['opt']['schedule'].values()])",
    "merge": "d = {**DEFAULTS, **config['opt']}\nuse(d['schedule']['warmup_steps'])",
    "update": "d = {}\nd.update(config['opt'])\nuse(d['schedule']['warmup_steps'])",
    "copy": "import copy\nuse(copy.deepcopy(config)['opt']['schedule']['warmup_steps'])",
    "returned": "def f():\n    return config['opt']\nuse(f()['schedule']['warmup_steps'])",
    "property": "class T:\n    @property\n    def s(self):\n        return config['opt']['schedule']\n"
    "use(T().s.warmup_steps)",
    "put together": "s = config['opt']['schedule']\nkind = 'warmup'\nuse(s[f'{kind}_steps'])",
    "unpacked": "o, k = config['opt'], 1\nuse(o['schedule']['warmup_steps'])",
    "walrus": "if (o := config['opt']):\n    use(o['schedule']['warmup_steps'])",
    "as text": "use(json.loads(json.dumps(config['opt']))['schedule']['warmup_steps'])",
    "in a list": "use([config['opt']['schedule']])",
    "to a child": "import subprocess\nsubprocess.run(['t', json.dumps(config['opt'])])",
}


@pytest.mark.parametrize("way", WAYS)
def test_way_of_reading_counts(way: str) -> None:
    """Each way of reading a nested key is seen: the key is not called unread."""
    said = unread(BASE + WAYS[way])
    assert "/opt" not in said
    assert "/opt/schedule" not in said
    assert "/opt/schedule/warmup_steps" not in said


NOT = {
    "another block's": "use(config['kl']['warmup_steps'])",
    "stored": "config['opt'] = 3",
    "deleted": "del config['opt']",
    "in documentation": "def f():\n    '''opt'''",
    "in a comment": "# config['opt']",
    "logged": "print(config)\njson.dump(config, file)\nlog.info('%s', config)",
    "a flag of another program": "run(['--opt', '3'])",
    "of an unknown value": "use(x['warmup_steps'], x.warmup_steps)",
}


@pytest.mark.parametrize("way", NOT)
def test_what_is_no_reading(way: str) -> None:
    """What reads no key of the block leaves the topmost key unread, named once."""
    assert unread(BASE + NOT[way]) == {"/opt"}


def test_unread_key_within_a_block_that_is_read() -> None:
    """Of a block that is read, each key that is not is named by itself."""
    assert unread(BASE + "use(config['opt']['clip'])") == {"/opt/schedule"}


def test_lists_of_blocks() -> None:
    """Going through a list reads no key of its elements; a key is named at its first element."""
    text = LOAD + "use(config['lr'], **config['kl'])\nuse(**config['opt'])\n"
    loop = "for stage in config['stages']:\n    use(stage['name'])\n"
    assert unread(text + loop) == {"/stages/0/steps", "/stages/1/extra"}
    assert unread(text + loop + "    use(**stage)\n") == set()


def test_free_text_is_never_reported() -> None:
    """comment, and keys that begin with _ or $, are remarks."""
    text = LOAD + "use(config['lr'], config['stages'])\nuse(**config['opt'])\n"
    assert unread(text + "use(config['kl']['other'])") == {"/kl/warmup_steps"}


def test_functions_of_other_files_are_followed() -> None:
    """A block that is handed to a function of another file is followed into it."""
    main = BASE + "from m1 import build\nbuild(config['opt'])"
    assert unread(main, "def build(o):\n    return o['clip']") == {"/opt/schedule"}
    assert unread(main, "def build(o):\n    return unknown(o)") == set()


def test_nothing_is_read_at_all() -> None:
    """Where no key is read there is one finding, for the whole file."""
    (finding,) = findings("print('hello')")
    assert (finding.pointer, finding.severity.word) == ("", "error")
    assert "nothing reads any key of this configuration: 1 source file" in finding.message


def test_whole_configuration_handed_on() -> None:
    """Code that is not seen gets all of it: information, with the blocks that nothing else reads."""
    (finding,) = findings(LOAD + "use(config['lr'])\nimport ray\nray.run(config)")
    assert finding.severity.word == "info"
    assert "m0.py:5 uses the whole configuration at once" in finding.message
    assert "nothing else reads kl, opt, stages" in finding.message


LOADERS = {
    "from json import load": "load(f)",
    "import mmcv": "mmcv.load_settings(p)",
    "from yaml import safe_load": "safe_load(f)",
}


@pytest.mark.parametrize("how", LOADERS)
def test_loaders(how: str) -> None:
    """A function that loads the configuration is known by where it comes from, or by its name."""
    (finding,) = findings(f"{how}\nconfig = {LOADERS[how]}\nrun(**config)")
    assert finding.severity.word == "info"


def test_attributes_set_all_at_once() -> None:
    """An object that takes all keys for its attributes has taken the whole configuration."""
    text = "class C:\n    def __init__(self, d):\n        self.__dict__.update(d)\n"
    (finding,) = findings(LOAD + text + "c = C(config)\nuse(c.lr)")
    assert finding.severity.word == "info"


def test_another_file_that_is_loaded_is_told_apart() -> None:
    """A loaded file of which other keys are read is another file; using it whole says nothing."""
    other = "meta = json.load(open('meta.json'))\nuse(meta['version'])\nuse(**meta)\n"
    assert unread(BASE + other) == {"/opt"}


def test_source_that_does_not_parse() -> None:
    """Its words count as names of keys, and nothing else is certain any more: a warning."""
    said = findings(BASE, "print 'opt'")
    assert [f.pointer for f in said] == ["/opt/schedule", "/opt/clip"]
    found = findings(BASE, "print 'hello'")
    assert [(f.pointer, f.severity.word) for f in found] == [("/opt", "warning")]
    assert "1 of them not readable (m1.py: no valid Python: line 1" in found[0].message
    assert [e.path for e in found[0].elsewhere] == ["m1.py"]


def test_nothing_unread_but_a_file_not_readable() -> None:
    """Where each key is read, a file that was not is still named: information."""
    (finding,) = findings(BASE + "use(**config['opt'])", "print 'hello'")
    assert (finding.code, finding.severity.word) == ("RT801", "info")
    assert "m1.py" in finding.message


def test_read_under_another_name() -> None:
    """RT802 names both and their places; not without a default, nor for another block."""
    reads = "use(config['opt']['schedule'])\n"
    (finding,) = findings(BASE + reads + "use(config['opt'].get('grad_clip', 1.0))")
    assert (finding.code, finding.pointer) == ("RT802", "/opt/clip")
    assert finding.elsewhere[0].line == BASE.count("\n") + 2
    for other in ("config['opt']['grad_clip']", "config['kl'].get('grad_clip', 1.0)"):
        (finding,) = findings(BASE + reads + f"use({other})")
        assert finding.code == "RT801"


UNUSED = {
    "attribute": "class T:\n    def __init__(self, o):\n        self.clip = float(o['clip'])\n"
    "        use(o['schedule'])\nT(config['opt'])",
    "variable": "def f(o):\n    clip = o.get('clip', 1)\n    use(o['schedule'])\nf(config['opt'])",
    "argument": "def f(clip, s):\n    use(s)\nf(config['opt']['clip'], config['opt']['schedule'])",
    "argument, then attribute": "class T:\n    def __init__(self, clip):\n        self.clip = clip\n"
    "T(clip=config['opt']['clip'])\nuse(config['opt']['schedule'])",
}


@pytest.mark.parametrize("way", UNUSED)
def test_read_and_never_used(way: str) -> None:
    """RT803: a value that is put away; with one use of it the finding is gone."""
    (finding,) = findings(BASE + UNUSED[way])
    assert (finding.code, finding.pointer) == ("RT803", "/opt/clip")
    assert len(finding.elsewhere) == 2
    assert findings(BASE + UNUSED[way] + "\nuse(config['opt']['clip'])") == []


def test_unused_attribute_that_something_may_load() -> None:
    """RT803 is silent where the attribute is loaded, named by a string, or looked at in vars()."""
    for use in ("\nuse(t.clip)", "\nuse('clip')", "\nuse(vars(t))"):
        assert findings(BASE + UNUSED["attribute"] + use) == []
    based = UNUSED["attribute"].replace("class T:", "class T(Base):")
    assert findings(BASE + based) == []


@pytest.mark.parametrize(
    ("block", "said"),
    [({"a": 1}, "so its 1 key does nothing:"), ({"a": 1, "b": 2}, "so its 2 keys do nothing:")],
)
def test_one_key_does_and_several_do_nothing(block: dict[str, Any], said: str) -> None:
    """The number of a block's keys and the verb agree."""
    (found,) = findings(LOAD + "print(config['lr'])\n", config={"lr": 1, "block": block})
    assert f"nothing reads block, {said}" in found.message
