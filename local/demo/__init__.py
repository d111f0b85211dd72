"""A proof's whole life on one machine, each step checked by looking at the vendors."""
