"""Tests of what scores of many seeds say."""
