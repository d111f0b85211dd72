"""What reminders.toml and people.toml say: policies, people, channels, offsets and calendars."""
