"""Names of functions that the analysis knows, by what they do with a block that they are given."""

from __future__ import annotations

ACCESSORS = frozenset(("get", "pop", "setdefault"))
"""Methods whose first argument is a key."""

ATTRIBUTE_ACCESSORS = frozenset(("getattr", "hasattr"))

SAME = frozenset(
    (
        "dict", "OrderedDict", "defaultdict", "copy", "deepcopy", "create", "to_container", "vars",
        "asdict", "SimpleNamespace", "Namespace", "EasyDict", "Munch", "Box", "AttrDict", "DotDict",
        "ConfigDict", "DictConfig", "ListConfig", "MappingProxyType", "munchify", "cast", "merge",
        "unsafe_merge", "ChainMap", "dumps", "encode", "decode", "structured", "resolve", "FrozenDict",
    )
)  # fmt: skip
"""Give back what they are given, or a copy, another dress or a text of it."""

THROUGH = frozenset(
    ("items", "values", "keys", "iteritems", "list", "tuple", "set", "sorted", "iter", "reversed",
     "enumerate", "zip", "map", "filter", "chain", "tqdm", "next", "frozenset")
)  # fmt: skip
"""Go through it."""

CONTAINERS = frozenset(("append", "add", "extend", "insert", "put", "join", "appendleft", "push"))
"""Put things into a list or a queue, from which whoever takes them may read all of them."""

CASTS = frozenset(("int", "float", "bool", "str", "Path", "round", "abs"))
"""Give back a value of what they are given; of a block they give a text."""

HARMLESS = frozenset(
    (
        "print", "pprint", "pformat", "len", "repr", "isinstance", "issubclass", "type", "id", "hash",
        "format", "dump", "safe_dump", "to_yaml", "save", "info", "debug", "warning", "warn", "error",
        "critical", "exception", "log", "log_hyperparams", "log_params", "save_hyperparameters",
        "log_config", "log_dict", "add_text", "add_hparams", "write", "writelines", "write_text",
        "sha256", "md5", "sha1", "blake2b", "rich_print", "secho", "echo", "callable", "assert_called",
        *CASTS,
    )
)  # fmt: skip
"""Show, write down or measure it: that is no use of what it holds."""

RECORDERS = frozenset(
    ("wandb", "mlflow", "swanlab", "trackio", "neptune", "comet_ml", "aim", "run")
)
"""Modules that write a run's record; what their `init` and `update` are given is written down."""

LOADERS = frozenset(("load", "loads", "safe_load", "full_load", "unsafe_load"))
LOADING = frozenset(
    ("json", "yaml", "toml", "tomllib", "tomli", "tomlkit", "OmegaConf", "ujson", "orjson", "json5",
     "simplejson", "hjson", "commentjson", "rapidjson")
)  # fmt: skip
"""Modules whose `LOADERS` read a file of keys and values."""

OPTIONS = frozenset(("add_argument", "option", "add_option", "Option", "Argument", "argument"))
"""Declare an option of a command line."""

ROOTS = frozenset(
    (
        "cfg",
        "config",
        "conf",
        "configuration",
        "hparams",
        "hyperparams",
        "settings",
        "options",
        "params",
    )
)
"""Names of parameters that may hold the whole configuration where no call shows what they hold."""

ENDINGS = (
    "_config",
    "_cfg",
    "_conf",
    "_params",
    "_kwargs",
    "_settings",
    "_options",
    "_args",
    "_dict",
)
"""What is left off a parameter's name to guess its block: `actor_cfg` may hold `actor`."""


def guesses(name: str) -> tuple[str, ...]:
    """Keys whose block a parameter of that name may hold."""
    found = [name]
    found += [name[: -len(end)] for end in ENDINGS if name.endswith(end) and name != end]
    return tuple(part for part in found if part)


def similar(one: str, other: str) -> bool:
    """Whether one name is the other with words before or after it, or is written differently."""
    if one.replace("_", "").lower() == other.replace("_", "").lower():
        return True
    long, short = sorted((one.lower().split("_"), other.lower().split("_")), key=len, reverse=True)
    size = len(short)
    return len(long) > size and short in (long[:size], long[-size:])
