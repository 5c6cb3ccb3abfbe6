"""Who may use the console: accounts, passwords, sign-in sessions, and the record of what each did."""
