"""Tests of the trainer's networks."""
