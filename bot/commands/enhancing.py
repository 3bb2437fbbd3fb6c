"""Better words for a video: bought for a credit, shown beside the person's own, and never used unasked.

The video's ask stands as a question with the person's own words before anything is bought, so whatever happens to the
improvement, there is something to say yes to. What it came to becomes a second way to answer that question.
"""

import logging
import re
from dataclasses import replace

from bot.commands import wording
from bot.commands.admitting import spender_of
from bot.commands.asked import Alternative, Proposal, proposal_of, wish_of
from bot.commands.build import Wish
from bot.commands.choosing import priced
from bot.commands.drafting import Draft
from bot.commands.enhancers import Improvement, improvement, prompt_of
from bot.commands.house import House, Who
from bot.commands.quoting import Quoting
from bot.errors import BlobMissing, Missing, NoEnhancer, ProviderError, TooLate
from bot.jobs import enhancements
from bot.jobs.improving import Purchase
from bot.jobs.work import picture_files
from bot.kling.requests import PROMPT_MAX, ImageToVideo, Request
from bot.messaging import Ask, Press, Reply
from bot.providers import registry
from bot.providers.base import PictureFile
from bot.store.ids import new_id
from bot.store.scripts import Row

log = logging.getLogger(__name__)

_SENTENCE = re.compile(r".*[.!?](?=\s|\Z)", re.DOTALL)


class Enhancing:
    """`--enhance`, and the button that does the same for a question that stands."""

    def __init__(self, house: House, quoting: Quoting) -> None:
        self._house, self._quoting = house, quoting

    async def order(self, ask: Ask, draft: Draft, who: Who) -> Reply:
        """Ask about the video as it was typed, then about better words as well. Raises NoEnhancer and Missing."""
        how = self._how(draft.want.request)
        reply = await self._quoting.go(ask, draft, who, asking=True)
        row = await self._quoting.earlier(ask)
        if row is None or row["state"] != "confirming":
            return reply
        return await self._improve(row, who, how)

    async def press(self, press: Press, ask: str, who: Who) -> Reply:
        """The button on a question."""
        row = await self._quoting.open(ask, who, "enhance")
        how = self._how(wish_of(row).request)
        reply = await self._improve(row, who, how)
        return replace(reply, replaces=reply.card is not None)

    def _how(self, request: Request) -> Improvement:
        how = improvement(self._house)
        if how is None:
            raise NoEnhancer(registry.enhancers())
        if not prompt_of(request):
            raise Missing("prompt", "enhance")
        return how

    async def _improve(self, row: Row, who: Who, how: Improvement) -> Reply:
        """The question with both prompts; with the person's own and a word of regret where nothing better came."""
        if proposal_of(row) is not None:
            return await self._quoting.go_on(row, who)
        want, trouble = wish_of(row), ""
        try:
            better = await self._bought(row, want.request, how)
        except ProviderError as error:
            log.warning("a prompt could not be improved: %s", error)
            better, trouble = "", wording.not_enhanced(error)
        if not better or better == prompt_of(want.request):
            reply = await self._quoting.go_on(row, who)
            said = trouble or wording.NOTHING_BETTER
            return replace(reply, card=wording.with_word(reply.card, said)) if reply.card else reply
        return await self._offer(row, who, want, better, how)

    async def _offer(self, row: Row, who: Who, want: Wish, better: str, how: Improvement) -> Reply:
        """Both prompts, each at its price."""
        new = replace(want, request=want.request.model_copy(update={"prompt": better}))
        labels = ((wording.USE_NEW, new), (wording.KEEP_MINE, want))
        ways = [Alternative(label, one, (await priced(self._house, one))[1]) for label, one in labels]
        shown = wording.side_by_side(prompt_of(want.request), better)
        proposal = Proposal(wording.WHICH_WORDS, "", ways, rows=shown, spent=how.credits)
        return await self._quoting.offer(row, proposal, who)

    async def _bought(self, row: Row, request: Request, how: Improvement) -> str:
        """The improved prompt: the one that was paid for already, or a new one.

        Raises ProviderError where none came, and what `hold` raises; TooLate while another press works on it.
        """
        stands = await self._house.database.view(enhancements.of_ask, row["id"])
        if stands is None:
            spender = await spender_of(self._house, row)
            picture = await self._picture(row, request)
            body = await how.enhancer.prepare_enhancement(prompt_of(request), picture)
            name = new_id(self._house.clock)
            stands = await self._house.database.run(
                enhancements.begin, name, ask=row["id"], provider=how.enhancer.name, prompt=prompt_of(request),
                credits=how.credits, microusd=how.enhancer.enhancement_microusd,
                ceiling=self._house.policy.ceiling_microusd, now=self._house.clock.now(), under=spender,
            )  # fmt: skip
            if stands["id"] == name:
                purchase = Purchase(self._house.database, self._house.clock, how.enhancer, name)
                return cut(await purchase.make(body))
        if stands["state"] != "done":
            raise TooLate("enhance", "running")
        return cut(str(stands["text"]))

    async def _picture(self, row: Row, request: Request) -> PictureFile | None:
        """The picture that the video begins with, for the words to go with it."""
        if not isinstance(request, ImageToVideo) or request.start is None:
            return None
        try:
            files = await picture_files(self._house.database, self._house.blobs, row["id"], [request.start])
        except BlobMissing:
            return None
        return files[request.start]


def cut(text: str) -> str:
    """A stranger's text as a prompt: without control characters, no longer than Kling reads, ended with a sentence."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(plain.split())
    if len(line) <= PROMPT_MAX:
        return line
    whole = _SENTENCE.match(line[:PROMPT_MAX])
    return whole[0] if whole else line[:PROMPT_MAX]
