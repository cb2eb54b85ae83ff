"""Environments: stepped as tensors, many seeds and many environments at once."""
