"""Attachments: stored bytes behind signed addresses that expire (reference, "Signed Attachment CDN URLs")."""

import hashlib
from dataclasses import dataclass, field

from tests.support.local_discord.refusals import SIGNED, Refusal
from tests.support.local_discord.world import Json, World

LIFE = 86_400
_KINDS = {"mp4": "video/mp4", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}


@dataclass
class Cdn:
    """Stored attachments. `base` is the address they are served under, set when the server knows its port."""

    world: World
    base: str = ""
    stored: dict[str, bytes] = field(default_factory=dict)

    def put(
        self, channel: str, name: str, data: bytes, *, kind: str | None = None, ephemeral: bool = False, alt: str = ""
    ) -> Json:
        """Store bytes; the attachment's payload."""
        ident = self.world.snowflake()
        self.stored[ident] = data
        url = self.sign(channel, ident, name, ephemeral)
        shown: Json = {
            "id": ident, "filename": name, "size": len(data), "url": url, "proxy_url": url,
            "content_type": kind or _KINDS.get(name.rsplit(".", 1)[-1].lower(), "application/octet-stream"),
        }  # fmt: skip
        if ephemeral:
            shown["ephemeral"] = True
        if alt:
            shown["description"] = alt
        return shown

    def sign(self, channel: str, ident: str, name: str, ephemeral: bool = False) -> str:
        """An address of a stored attachment, good for a day."""
        made = int(self.world.now())
        until, since = f"{made + LIFE:x}", f"{made:x}"
        kind = "ephemeral-attachments" if ephemeral else "attachments"
        return f"{self.base}/{kind}/{channel}/{ident}/{name}?ex={until}&is={since}&hm={_seal(ident, until, since)}&"

    def refreshed(self, url: str) -> str:
        """The same attachment under a fresh address."""
        *_, channel, ident, name = url.split("?")[0].split("/")
        return self.sign(channel, ident, name, "/ephemeral-attachments/" in url)

    def get(self, ident: str, until: str, since: str, seal: str) -> bytes:
        """The bytes behind an address. Raises Refusal where it is forged, expired or gone."""
        if ident not in self.stored or seal != _seal(ident, until, since) or int(until, 16) < self.world.now():
            raise Refusal(404, 0, "This content is no longer available.", SIGNED)
        return self.stored[ident]


def _seal(ident: str, until: str, since: str) -> str:
    return hashlib.sha256(f"{ident}{until}{since}".encode()).hexdigest()
