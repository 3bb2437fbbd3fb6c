"""docs/providers.md has every offer, as it is on sale and as it was last seen on the wire."""

from bot.providers.registry import OFFERS
from tests.support.offers_page import PAGE, page
from tests.support.sold import SOLD


def test_every_offer_is_in_the_hand_written_table_of_sales() -> None:
    assert set(SOLD) == set(OFFERS)


def test_the_page_of_providers_is_in_step_with_what_is_on_sale() -> None:
    assert PAGE.read_text() == page(SOLD), "make verify writes docs/providers.md anew"
