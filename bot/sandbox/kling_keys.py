"""The signed token that Kling wants with every call, and what it says to one that isn't right."""

from typing import Any

import jwt
from jwt.types import Options

from bot.sandbox.kling_wire import Refused

ACCESS_KEY = "sandbox"
SIGNING_KEY = "sandbox-secret-key-for-signatures"
"""The account's two keys."""


def check(authorization: str, now: float) -> None:
    """Look at an Authorization header; `now` in seconds. Raises Refused with 1000 to 1004."""
    if not authorization.strip():
        raise Refused(1001, "Authorization is empty")
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer":
        raise Refused(1002, "Authorization is not valid")
    claims = _claims(token.strip())
    if claims["iss"] != ACCESS_KEY:
        raise Refused(1000, "access key not found")
    if claims.get("nbf", 0) > now:
        raise Refused(1003, "Authorization is not valid yet")
    if claims["exp"] <= now:
        raise Refused(1004, "Authorization has expired")


def _claims(token: str) -> dict[str, Any]:
    """What a token says, its signature checked; its times are left to the sandbox's own clock."""
    options: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["iss", "exp"]}
    try:
        found = jwt.decode(token, SIGNING_KEY, algorithms=["HS256"], options=options)
    except jwt.InvalidSignatureError:
        raise Refused(1000, "signature is not valid") from None
    except jwt.InvalidTokenError:
        raise Refused(1002, "Authorization is not valid") from None
    if not isinstance(found["exp"], int | float) or not isinstance(found.get("nbf", 0), int | float):
        raise Refused(1002, "Authorization is not valid")
    return found
