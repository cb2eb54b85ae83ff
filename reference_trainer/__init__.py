"""A complete PPO trainer in which every feature of the configuration really happens."""
