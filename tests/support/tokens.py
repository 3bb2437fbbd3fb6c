"""Tokens of Kling's kind, made and read by hand: HS256 as RFC 7515 and 7519 have it, without the library in use."""

import base64
import hashlib
import hmac
import json
from typing import Any

ACCESS, SECRET = "sandbox", "sandbox-secret-key-for-signatures"


def sign(claims: dict[str, Any], secret: str = SECRET, *, alg: str = "HS256") -> str:
    """A token with these claims."""
    parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": alg, "typ": "JWT"}, claims)]
    return ".".join([*parts, _encoded(_signature(".".join(parts), secret))])


def token(now_ms: int, secret: str = SECRET, **changed: Any) -> str:
    """A token as Kling's documentation makes it at that time; a claim that is None is left out."""
    now = now_ms // 1000
    claims = {"iss": ACCESS, "exp": now + 1800, "nbf": now - 5} | changed
    return sign({name: value for name, value in claims.items() if value is not None}, secret)


def read(header: str, secret: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of an `Authorization: Bearer …`; fails where the signature isn't right."""
    scheme, _, text = header.partition(" ")
    head, claims, signature = text.split(".")
    assert scheme == "Bearer"
    assert _encoded(_signature(f"{head}.{claims}", secret)) == signature
    return json.loads(_decoded(head)), json.loads(_decoded(claims))


def _signature(text: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
