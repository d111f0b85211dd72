"""The `proofbridge` command line: what came in, what became of it, and what to do about it."""
