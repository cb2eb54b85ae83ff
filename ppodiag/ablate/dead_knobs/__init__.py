"""Dead knobs: keys of a configuration that a trainer never acts on, found by changing one at a time."""
