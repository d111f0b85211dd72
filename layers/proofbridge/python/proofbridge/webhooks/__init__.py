"""What comes in: verified, and stored once."""
