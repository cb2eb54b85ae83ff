"""Readers and what they are given: see `test_readers.py`."""
