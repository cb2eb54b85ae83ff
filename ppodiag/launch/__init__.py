"""Starting trainers as processes: the bundled one, or the user's own command."""
