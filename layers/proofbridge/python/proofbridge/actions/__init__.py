"""Actions at the vendors: each once, and only while what it depends on holds."""
