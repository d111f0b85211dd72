"""What starts in Lambda: the environment, the clients, and the wiring of everything else."""
