"""Who, which dose, which seat: people, consent, regimens, sessions and the ladder's stop."""
