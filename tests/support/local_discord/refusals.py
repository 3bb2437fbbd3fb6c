"""How Discord says no: HTTP status, its own code, and the page of its documentation that the rule stands on."""

from dataclasses import dataclass

CODES = "topics/opcodes-and-status-codes"
MESSAGES = "resources/message"
RESPONDING = "interactions/receiving-and-responding"
COMMANDS = "interactions/application-commands"
COMPONENTS = "components/reference"
PERMISSIONS = "topics/permissions"
THREADS = "topics/threads"
FILES = "reference#uploading-files"
SIGNED = "reference#signed-attachment-cdn-urls"


@dataclass(eq=False)
class Refusal(Exception):
    """One refused call."""

    status: int
    code: int
    message: str
    page: str


def unauthorized() -> Refusal:
    return Refusal(401, 0, "401: Unauthorized", CODES)


def not_found(what: str = "404: Not Found", code: int = 0) -> Refusal:
    return Refusal(404, code, what, CODES)


def invalid(why: str, page: str = MESSAGES) -> Refusal:
    return Refusal(400, 50035, f"Invalid Form Body: {why}", page)


def missing_access() -> Refusal:
    return Refusal(403, 50001, "Missing Access", PERMISSIONS)


def missing_permissions() -> Refusal:
    return Refusal(403, 50013, "Missing Permissions", PERMISSIONS)


def too_large() -> Refusal:
    return Refusal(413, 40005, "Request entity too large", FILES)
