"""One experiment a rule, in a file named like the rule; `ppodiag.confirm.catalogue` finds them."""
