"""The environments of the trainer."""
