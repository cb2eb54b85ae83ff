"""Where units run: this machine, a Ray cluster, or a Slurm cluster."""
