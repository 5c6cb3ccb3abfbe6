"""Killing, hanging and forgetting, on purpose: whatever happens, nobody is rung twice and nobody is forgotten."""
