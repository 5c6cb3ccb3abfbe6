"""Plain helpers that know nothing of vaccination and do no I/O."""
