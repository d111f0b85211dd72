"""What a customer edits: one module for each TOML file."""
