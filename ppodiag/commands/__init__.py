"""The commands: options only; the work is elsewhere."""
