"""Which reminders are to come: the ladder as data, the hours it may use, and the planner that writes the rows."""
