"""Environments: stepped as tensors, many seeds and many environments at once."""

from reference_trainer.envs.registry import BUILT_IN, DEFAULT, make_env

__all__ = ["BUILT_IN", "DEFAULT", "make_env"]
