"""The rules that judge the log of a run, one file each; `rules.loader.load_run_rules` reads them."""
