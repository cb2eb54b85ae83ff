"""Code that the tools in `tools/` generate; never edited by hand."""
