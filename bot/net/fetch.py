"""A picture behind an address that a person gave."""

from bot.errors import BadStatus
from bot.net.addresses import parse
from bot.net.door import Door

PICTURE_BYTES = 25_000_000
PICTURE_SECONDS = 20.0


async def fetch_picture(door: Door, url: str, *, limit: int = PICTURE_BYTES, within: float = PICTURE_SECONDS) -> bytes:
    """The bytes behind a public address; whether they are a picture is for `bot.media` to say.

    `door` is the one without base addresses: what a person types never reaches a private machine. At most three
    redirects, each judged. Raises AddressRefused, NeverSent, AnswerLost, AnswerTooLarge, and BadStatus for anything
    but a 200.
    """
    answer = await door.request("GET", url, headers={"Accept": "image/*,*/*;q=0.1"}, limit=limit, within=within)
    if answer.status != 200:
        raise BadStatus(parse(url).host, answer.status, answer.retry_after)
    return answer.body
