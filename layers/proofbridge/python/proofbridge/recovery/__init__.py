"""What is stuck goes on: by the sweep, or because a person wants it."""
