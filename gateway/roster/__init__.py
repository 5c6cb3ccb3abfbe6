"""From a hospital's file to people, doses, seats and appointments."""
