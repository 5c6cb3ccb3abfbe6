"""One table of languages and dialects, how each writes and says days and hours, and the words it replies with."""
