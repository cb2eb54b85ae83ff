"""Good files of every kind, and small ones that ask for much: much memory, or much time."""

from __future__ import annotations

import json

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"

EVERY = (EXAMPLES / "every_feature.json").read_bytes()
ILL = (EXAMPLES / "ill.json").read_bytes()
SUPPRESSED = json.dumps(
    {
        **json.loads(ILL),
        "$ppodiag": {
            "profile": "note,clock=update",
            "ignore": {
                "LR101": {"reason": "known", "until": "2026-06-01", "at": "/ppo_config/lr"},
                "BS": "x",
            },
        },
    }
).encode()
COMMENTED = b"""{
  // ppodiag: ignore[LR102]: the warm-up is long on purpose
  "ppo_config": {"lr": 0.01, /* ppodiag: ignore LR111 until 2026-01-01 */ "epochs": 10, "minibatch_size": 64,},
  # ppodiag: ignore-file
  'training': {total_env_steps: 1e6,}, // ppodiag: ignore
}
"""
YAML = b"""# ppodiag: ignore[LR102]: on purpose
defaults: &base {lr: 3e-4, epochs: 10}
ppo_config:
  <<: *base
  minibatch_size: 0x40   # ppodiag: ignore
  rollout_len: 0o200
  "max_grad_norm": .5
training: {ppo_requests: 1_000}
curriculum_learning:
  stages:
    - duration_requests: 10
    - {duration_requests: !!int "20"}
text: |
  more
"""
PIECES = (
    b'"ignore"',
    b'"until"',
    b'"at"',
    b'"profile"',
    b'"enable"',
    b"ppodiag: ignore",
    b'"lr": ',
    b"2026-99-99",
)

DEEP = 10_000


def json_bombs() -> dict[str, bytes]:
    return {
        "open brackets": b"[" * 20_000,
        "nested lists": b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}",
        "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        "a number of 100,000 digits": b'{"ppo_config": {"lr": ' + b"9" * 100_000 + b"}}",
        "a fraction of a million digits": b'{"ppo_config": {"lr": 0.' + b"3" * 1_000_000 + b"}}",
        "a large exponent": b'{"ppo_config": {"lr": 1e' + b"9" * 100_000 + b"}}",
        "a string of 5 MB": b'{"ppo_config": {"name": "' + b"x" * 5_000_000 + b'"}}',
        "5,000 keys": json.dumps({"ppo_config": {f"k{i}": i for i in range(5000)}}).encode(),
        "a key 5,000 times": b'{"ppo_config": {' + b'"lr": 1,' * 5000 + b'"lr": 1}}',
        "zero bytes": b"\x00" * 30_000,
        "commas": b"{" + b"," * 50_000,
        "quotes": b'"' * 50_001,
        "slashes": b"/*" * 50_000,
        "surrogates": b'{"ppo_config": {"\\ud800": "\\udc00", "lr": "\\ud800\\ud800"}}',
    }  # fmt: skip


def yaml_bombs() -> dict[str, bytes]:
    return {
        "aliases of aliases": b"".join(
            b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9) if i else b"x")
            for i in range(12)
        ),
        "an alias within itself": b"ppo_config: &a {lr: *a, x: [*a, *a]}\n",
        "nested lists": b"a: " + b"[" * 20_000,
        "nested blocks": b"".join(b" " * i + b"a:\n" for i in range(2000)),
        "nested dashes": b"- " * 20_000 + b"1",
        "a number of 100,000 digits": b"ppo_config: {lr: " + b"9" * 100_000 + b"}",
        "a hexadecimal number of 100,000 digits": b"ppo_config: {lr: 0x" + b"f" * 100_000 + b"}",
        "an anchor 10,000 times": b"".join(b"a%d: &a %d\n" % (i, i) for i in range(10_000)),
        "tags": b"ppo_config: !!python/object/apply:os.system ['touch /tmp/x']\n",
        "1,500 keys": b"".join(b"k%d: 1\n" % i for i in range(1500)),
        "documents": b"---\na: 1\n" * 20_000,
    }  # fmt: skip


LINES = (EXAMPLES / "runs" / "ill.jsonl").read_bytes()[:6000].rpartition(b"\n")[0] + b"\n"


def log_bombs() -> dict[str, bytes]:
    return {
        "a line of 20 MB": b'{"step": 1, "loss": ' + b"1" * 20_000_000 + b"}\n",
        "nested": b'{"step": 1, "a": ' + b"[" * DEEP + b"]" * DEEP + b"}\n",
        "100,000 keys": json.dumps({"step": 1, **{f"k{i}": i for i in range(100_000)}}).encode() + b"\n",
        "new keys in every line": b"".join(b'{"step": %d, "k%d": 1}\n' % (i, i) for i in range(30_000)),
        "steps beyond 64 bits": b"".join(b'{"step": %d, "loss": 1}\n' % (10**i) for i in range(400)),
        "a number of 100,000 digits": b'{"step": ' + b"9" * 100_000 + b', "loss": 1}\n' * 2,
        "zero bytes": b"\x00" * 1_000_000,
    }  # fmt: skip


def later_bombs() -> dict[str, bytes]:
    return {name: LINES + data for name, data in log_bombs().items()}


TABLE = b"step,learning_rate,loss,grad_norm\n" + b"".join(
    b"%d,%g,%g,%g\n" % (i * 64, 3e-4 / (i + 1), 1 / (i + 1), 0.5) for i in range(40)
)


def table_bombs() -> dict[str, bytes]:
    return {
        "a cell of 20 MB": b"step,loss\n1," + b"1" * 20_000_000 + b"\n2,1\n",
        "a quoted cell of 20 MB": b'step,loss\n1,"' + b"x" * 20_000_000,
        "100,000 columns": b",".join(b"c%d" % i for i in range(100_000)) + b"\n" + b",".join([b"1"] * 100_000) + b"\n",
        "rows of many widths": b"step,loss\n" + b"".join(b"1" + b",2" * (i % 300) + b"\n" for i in range(20_000)),
        "quotes": b'step,loss\n' + b'"\n' * 200_001,
        "zero bytes": b"step,loss\n1,2\n" + b"\x00" * 1_000_000,
        "numbers out of range": b"step,loss\n" + b"1e400,1e-400\n9" + b"9" * 30_000 + b",nan\n-inf,inf\n",
    }  # fmt: skip


SOURCE = (EXAMPLES / "runtime" / "train.py").read_bytes()


def source_bombs() -> dict[str, bytes]:
    return {
        "brackets": b"x = " + b"(" * 5000 + b")" * 5000,
        "a sum": b"x = " + b"1+" * 20_000 + b"1\n",
        "minus signs": b"x = " + b"-" * 50_000 + b"1\n",
        "attributes": b"cfg = config\nx = cfg" + b".a" * 20_000 + b"\n",
        "subscripts": b"import json\ncfg = json.load(open('x'))\nx = cfg" + b"['a']" * 5000 + b"\n",
        "a number of 100,000 digits": b"x = " + b"9" * 100_000 + b"\n",
        "nested functions": b"".join(b" " * i + b"def f(cfg):\n" for i in range(90)) + b" " * 90 + b"pass\n",
        "names that go round": b"import json\na = json.load(open('x'))\n" + b"".join(
            b"a%d = a%d if a%d else a\n" % (i, (i + 1) % 3000, (i + 7) % 3000) for i in range(3000)
        ),
        "zero bytes": b"x = 1\x00",
    }  # fmt: skip


NOTEBOOK = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "source": ["%matplotlib inline\n", *SOURCE.decode().splitlines(True)],
            }
        ]
    }
).encode()


def events() -> tuple[bytes, ...]:
    import io

    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    made = io.BytesIO()
    writer = RecordWriter(made)
    writer.write(Event(wall_time=1, file_version="brain.Event:2").SerializeToString())
    for step in range(30):
        event = Event(wall_time=step, step=step * 64)
        for tag in ("train/learning_rate", "train/loss", "train/grad_norm"):
            event.summary.value.add(tag=tag, simple_value=1 / (step + 1))
        event.summary.value.add(tag="t").tensor.float_val.append(1.0)
        writer.write(event.SerializeToString())
    return (made.getvalue(),)


def record(length: int, data: bytes) -> bytes:
    """A record whose header, with its checksum, says that its data have `length` bytes."""
    import struct

    import numpy as np

    from ppodiag.runlog.crc import masked_crcs

    def crc(content: bytes) -> bytes:
        found = masked_crcs(
            np.frombuffer(content, np.uint8), np.zeros(1, np.int64), np.array([len(content)])
        )
        return struct.pack("<I", int(found[0]))

    header = struct.pack("<Q", length)
    return header + crc(header) + data + crc(data)


def event_bombs() -> dict[str, bytes]:
    good = events()[0]
    return {
        f"a length of {length:,}": good + record(length, b"x" * 100)
        for length in (101, 2**31, 2**40, 2**63, 2**64 - 1, 2**64 - 16)
    } | {
        "1,000,000 empty records": good + record(0, b"") * 100_000,
        "records that are no events": good + record(100, b"\xff" * 100) * 20_000,
        "zero bytes": good + b"\x00" * 1_000_000,
    }
