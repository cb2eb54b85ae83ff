"""Tests of the dead-knob test."""
