"""Reminders: which are due, what they say, and sending each once."""
