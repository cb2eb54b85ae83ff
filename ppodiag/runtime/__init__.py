"""What a runtime's source reads of a configuration, found without running it."""
