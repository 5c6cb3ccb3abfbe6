"""Out: due reminders are claimed, written down as attempts, and only then handed to a carrier."""
