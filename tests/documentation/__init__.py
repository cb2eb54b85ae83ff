"""The documentation site and its reference pages."""
