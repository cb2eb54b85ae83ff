"""The default environment."""
