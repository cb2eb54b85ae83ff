"""Experiments that confirm or refute what the linter predicts."""
