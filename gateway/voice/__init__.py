"""What we play: prompts, the clips that speak them, and where clips come from."""
