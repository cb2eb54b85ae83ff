"""Reading a configuration file: its value, the place of everything in it, and its syntax errors."""
