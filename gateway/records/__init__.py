"""What is stored: the tables, their states, and the one place that commits."""
