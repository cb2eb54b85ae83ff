"""Ablation: one feature of the block off at a time, and what that did."""
