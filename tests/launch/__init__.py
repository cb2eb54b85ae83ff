"""Starting trainers."""
