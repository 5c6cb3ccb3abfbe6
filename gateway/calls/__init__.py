"""How a call goes: pure state machines, playable without a phone."""
