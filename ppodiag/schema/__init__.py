"""The JSON Schema of a configuration: its text, its verdict, and what is wrong in our words."""
