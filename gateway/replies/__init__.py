"""What people answered: a text or a key turned into an answer, and the answer into its effect."""
