"""What we write: message templates, how they are filled, and what they may not say."""
