"""Tamnat reminds people of vaccination appointments in their own language and tells the clinic who is coming."""
