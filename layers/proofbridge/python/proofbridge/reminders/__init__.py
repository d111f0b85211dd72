"""The rules of reminders: who is due one, when, and by which channel. No AWS and no vendor is called here."""
