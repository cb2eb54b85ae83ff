"""Confirming what the linter predicts: each finding's experiment, run with the reference trainer."""
