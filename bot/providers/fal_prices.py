"""fal's list of prices, on a host of its own: a price a unit for each endpoint."""

from collections.abc import Mapping, Sequence

from bot.net.answer import dig
from bot.providers.offers import Offer, Prices
from bot.providers.wire import Api, micro_dollars

_SECOND = frozenset(("second", "seconds", "video_second", "video_seconds"))
"""Units that are a second of video. What another unit comes to for a clip isn't certain, so it isn't told."""


async def listed_prices(api: Api, base: str, offers: Sequence[Offer]) -> Mapping[str, Prices]:
    """What the list says of these offers, by their ids. Raises CheckFailed."""
    models = sorted({offer.model for offer in offers})
    answer = await api.get(f"{base}/v1/models/pricing", params={"endpoint_id": ",".join(models)})
    entries = dig(answer.json(), "prices")
    if not isinstance(entries, list):
        raise api.puzzled("no list of prices", answer)
    a_second = {str(dig(entry, "endpoint_id")): price for entry in entries if (price := _a_second(entry))}
    return {
        offer.id: {length: a_second[offer.model] * length for length in offer.durations}
        for offer in offers
        if offer.model in a_second
    }


def _a_second(entry: object) -> int | None:
    """Micro-dollars for a second of video; None where the entry says something else."""
    if str(dig(entry, "unit")).lower() not in _SECOND or dig(entry, "currency") not in ("USD", None):
        return None
    return micro_dollars(dig(entry, "unit_price"))
