"""The rules, one file each; `loader.load_rules` reads them all."""
