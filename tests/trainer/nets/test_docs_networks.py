"""What docs/networks.md says of keys, held to what the architecture reads."""

from __future__ import annotations

import re

from ppodiag.architecture import unmodelled
from tests.conftest import ROOT
from tests.networks import network


def named_keys() -> list[str]:
    """The keys in the first column of the page's table."""
    page = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    return [key for row in rows for key in re.findall(r"`([^`]+)`", row)]


def nested(path: str) -> dict[str, object]:
    """A block that sets one key, to a value that is not switched off."""
    *outer, last = path.split("/")
    block: dict[str, object] = {last: 1}
    for name in reversed(outer):
        block = {name: block}
    return block


def test_the_page_names_every_key_that_counts_and_no_other() -> None:
    """Each is named once, as the table of the architecture has it."""
    from ppodiag import architecture

    keys = named_keys()
    assert len(keys) == len(set(keys))
    assert set(keys) == architecture._COUNTS
    for key in keys:
        assert unmodelled({"actor_critic_architecture": nested(key)}) == ()


def test_the_defaults_are_those_of_the_page() -> None:
    """An empty block: two layers of 64, apart; a GRU asked for has one layer, a value head too."""
    kinds = [(type(layer).__name__, layer.outputs) for layer in network({}).actor]
    assert kinds[:-1] == [("Linear", 64), ("Tanh", 64)] * 2
    assert network({}).trunk == ()
    assert len(network({}).critic) == 5
    with_gru = network({"actor": {"use_gru": True}})
    assert [type(layer).__name__ for layer in with_gru.actor].count("GRU") == 1
    assert with_gru.sequence_length == 1
