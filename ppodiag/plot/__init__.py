"""Pictures with matplotlib, which is imported when one is drawn."""
