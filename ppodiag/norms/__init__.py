"""Gradient norms for the closed loop: models, their description in words, and their fit to a run."""
