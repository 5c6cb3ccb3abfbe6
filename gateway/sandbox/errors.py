"""What Twilio's REST answers when it refuses; codes and their meaning: facts/twilio.md §1."""

from __future__ import annotations


class RestError(Exception):
    """A refusal in Twilio's form; no text here carries a phone number, because it ends in logs."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> dict[str, object]:
        """Return Twilio's JSON for it."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def bad_request(code: int, message: str) -> RestError:
    """A 400 with Twilio's `code`."""
    return RestError(400, code, message)


def not_found() -> RestError:
    """The 404 for a sid or path that does not exist."""
    return RestError(404, 20404, "The requested resource was not found")


def not_authenticated() -> RestError:
    """The 401 for a wrong account or token."""
    return RestError(401, 20003, "Authenticate")


def throttled() -> RestError:
    """The 429 that was certainly not processed."""
    return RestError(429, 20429, "Too Many Requests")
