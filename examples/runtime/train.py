"""A small runtime, for docs/runtime-check.md: it reads some of examples/ill.json."""

import json
import sys


class Trainer:
    """Trains at a constant learning rate."""

    def __init__(self, ppo, steps):
        self.lr = ppo["lr"]
        self.epochs = ppo["epochs"]
        self.rollout = (ppo["rollout_len"], ppo["minibatch_size"])
        self.max_grad_norm = ppo.get("max_grad_norm")
        self.discounts = (ppo.get("discount_gamma", 0.99), ppo.get("gae_lambda", 0.95))
        self.steps = steps

    def train(self):
        """Run to the end."""
        for _ in range(self.steps // self.rollout[0]):
            for _ in range(self.epochs):
                print("one epoch at", self.lr, self.rollout, self.discounts)


def main(path):
    """Train by the configuration at a path."""
    with open(path) as file:
        config = json.load(file)
    Trainer(config["ppo_config"], config["training"]["ppo_requests"]).train()
    for name, value in config["kl_regularization"].items():
        print(name, value)


if __name__ == "__main__":
    main(sys.argv[1])
