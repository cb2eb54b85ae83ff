"""Judging a run by its log, with the configuration beside it."""
