"""What an approval is bound to: these words, at this place, in this language."""

from __future__ import annotations


def mark_of(language: str, key: str, sha256: str) -> str:
    """Return the mark of a content: `nod/sms.reminder/<hash of the words>`.

    The hash alone would not do: "do not come" approved as the text of a cancelled day is not approved as the answer to
    a yes, and words that two languages share are approved for the one somebody read them in.
    """
    return f"{language}/{key}/{sha256}"
