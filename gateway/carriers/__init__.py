"""How a reminder travels: the ports, and one folder per carrier."""
