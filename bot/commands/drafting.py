"""From an ask to what it wants: a request with its pictures, and the job it goes back to. Stores and holds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from bot.commands.build import PictureSlot, Wish, build, wish
from bot.commands.changing import changed
from bot.commands.choosing import built, priced
from bot.commands.house import House, Who
from bot.commands.marking import tier_words
from bot.commands.pictures import Taken, imagined, last_frame, stored, take
from bot.commands.typed import Note, Typed
from bot.commands.words import FILES_MAX, PICTURES_MAX
from bot.credits.rules import rules_of
from bot.errors import AgainstRules, BadValue, Conflict, NoOffer, TooLate
from bot.jobs.extending import LIFE_MS
from bot.jobs.forgetting import is_forgotten
from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.kling.images import Mend
from bot.kling.requests import Effect
from bot.messaging import Ask, Place

Relation = Literal["again", "remix", "extend"]
"""What a job is to its parent: the same once more, the same with something changed, what comes after."""

_OF_PICTURE = ("d", "ar", "camera")
"""Flags that an extension doesn't have: with one of them a video goes on from its last frame."""

_EXTENDED = ("text", "image", "extend")
"""What a provider that sells extensions extends."""


class Album(Protocol):
    """Where pictures come from."""

    async def of_ask(self, ask: Ask, typed: Typed) -> Sequence[Taken]:
        """Those of the ask: attached ones, then those behind its addresses."""
        ...

    async def of_job(self, view: JobView) -> Sequence[Taken]:
        """Those of an earlier job. Raises NotFound."""
        ...

    async def last_frame(self, view: JobView) -> Taken:
        """What a finished video ends with. Raises NotFound."""
        ...


class RealAlbum:
    """Reads, fetches and fits. What one ask brings is read once, however often it is asked for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._taken: dict[tuple[tuple[str, ...], Mend | None], Sequence[Taken]] = {}

    async def of_ask(self, ask: Ask, typed: Typed) -> Sequence[Taken]:
        """The ask's pictures, ready for a provider. Raises PictureRefused."""
        mend: Mend | None = typed.flags.get("fit")
        if (typed.addresses, mend) not in self._taken:
            self._taken[typed.addresses, mend] = await take(self._house, ask.attachments, typed.addresses, mend)
        return self._taken[typed.addresses, mend]

    async def of_job(self, view: JobView) -> Sequence[Taken]:
        """The job's pictures, from the files that are kept."""
        return await stored(self._house, view)

    async def last_frame(self, view: JobView) -> Taken:
        """Taken out of the video."""
        return await last_frame(self._house, view)


class ImaginedAlbum:
    """Pictures by their number alone: for a price while somebody still types."""

    async def of_ask(self, ask: Ask, typed: Typed) -> Sequence[Taken]:
        """As many as there will be."""
        return imagined(len(ask.attachments) + len(typed.addresses))

    async def of_job(self, view: JobView) -> Sequence[Taken]:
        """As many as the job has."""
        return [replace(one, sha256=ref.removeprefix("blob:")) for ref, one in _paired(view)]

    async def last_frame(self, view: JobView) -> Taken:
        """One."""
        return imagined(1)[0]


def _paired(view: JobView) -> list[tuple[str, Taken]]:
    refs = view.request.pictures
    return list(zip(refs, imagined(len(refs)), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an ask wants, not yet priced. `taken` are its pictures; `parent` the job that it goes back to, and how."""

    want: Wish
    taken: Sequence[Taken]
    parent: JobView | None = None
    relation: Relation | None = None


class Drafting:
    """Reads asks for one album."""

    def __init__(self, house: House, album: Album) -> None:
        self._house, self._album = house, album

    async def draft(self, ask: Ask, typed: Typed, who: Who) -> Draft:
        """What is wanted, and what it is booked under: as typed, else as its parent, else as the channel has it.

        Raises Refusals for whatever can't be.
        """
        draft = await self._draft(ask, typed, who)
        if draft.want.tag:
            return draft
        tag = (draft.parent.tag if draft.parent else "") or await self._of_channel(ask.place, who)
        return replace(draft, want=replace(draft.want, tag=tag))

    async def _of_channel(self, place: Place, who: Who) -> str:
        if not who.workspace:
            return ""
        rules = await self._house.database.view(rules_of, who.workspace)
        return rules.tags.get(await self._house.heading(place), "") if rules.tags else ""

    async def _draft(self, ask: Ask, typed: Typed, who: Who) -> Draft:
        if typed.verb == "again":
            return await self._again(await self._parent(typed.job or ask.about or "1", who), typed)
        if typed.verb == "extend":
            return await self._extend(await self._parent(typed.job or ask.about or "1", who), typed)
        if ask.about:
            return await self._remix(ask, typed, await self._parent(ask.about, who))
        taken = await self._own(ask, typed)
        return Draft(want=await built(self._house, typed, _slots(ask, typed, taken)), taken=taken)

    async def _parent(self, name: str, who: Who) -> JobView:
        """The job that is gone back to. Raises NotFound, and TooLate where it was forgotten."""
        view = await self._house.named_job(name, who)
        if is_forgotten(view.request):
            raise TooLate("repeat", view.state)
        return view

    async def _own(self, ask: Ask, typed: Typed) -> Sequence[Taken]:
        given = len(ask.attachments) + len(typed.addresses)
        most = FILES_MAX if {"still", "brush"} & set(typed.flags) else PICTURES_MAX
        if given > most:
            raise BadValue("pictures", str(given), (str(most),))
        return await self._album.of_ask(ask, typed)

    async def _again(self, view: JobView, typed: Typed) -> Draft:
        taken = await self._album.of_job(view)
        return Draft(want=wish(typed, view.request), taken=taken, parent=view, relation="again")

    async def _remix(self, ask: Ask, typed: Typed, view: JobView) -> Draft:
        own = bool(ask.attachments or typed.addresses)
        meant = changed(view.request, typed, own_pictures=own)
        if own:
            taken = await self._own(ask, meant)
            slots = _slots(ask, meant, taken)
        else:
            taken = await self._album.of_job(view) if _needs_pictures(meant) else []
            slots = [PictureSlot(ref) for ref in view.request.pictures] if taken else []
        want = await built(self._house, meant, slots)
        used = [picture for picture in taken if picture.ref in want.request.pictures]
        if not own:
            want = replace(want, guessed=False)
        return Draft(want=want, taken=used, parent=view, relation="remix")

    async def _extend(self, view: JobView, typed: Typed) -> Draft:
        """More of a finished video: where it was made if that is sold there, else from its last frame."""
        if view.state is not JobState.DONE or not view.video:
            raise TooLate("extend", view.state)
        if view.flagged and (await self._house.database.view(rules_of, view.workspace)).flagged == "never":
            raise AgainstRules("flagged")
        typed = _in_tier(typed, view)
        if self._may_extend(view) and not set(_OF_PICTURE) & set(typed.flags):
            try:
                want = build(replace(typed, job=view.id))
                await priced(self._house, want)
            except NoOffer:
                pass
            else:
                return Draft(want=want, taken=[], parent=view, relation="extend")
        return await self._continue(view, typed)

    def _may_extend(self, view: JobView) -> bool:
        old = self._house.clock.now() - (view.ended_at or 0) > LIFE_MS
        return view.request.workflow in _EXTENDED and not old

    async def _continue(self, view: JobView, typed: Typed) -> Draft:
        """A video of its own that begins where another ends."""
        frame = await self._album.last_frame(view)
        flags = {**typed.flags, "start": 1}
        words = typed.prompt or ("" if isinstance(view.request, Effect) else view.request.prompt)
        onward = replace(typed, verb=None, prompt=words, flags=flags, notes=(*typed.notes, Note("last_frame", "")))
        want = await built(self._house, onward, [PictureSlot(frame.ref)])
        return Draft(want=want, taken=[frame], parent=view, relation="extend")


def _needs_pictures(typed: Typed) -> bool:
    """Whether a changed line still goes back to its parent's pictures."""
    named = {"start", "end", "still", "brush", "ref", "fx"} & set(typed.flags)
    return bool(named) or typed.maker in ("animate", "elements", "effect")


def _in_tier(typed: Typed, view: JobView) -> Typed:
    """An extension is made as its video was. Raises Conflict where another tier was typed."""
    said, pro = tier_words(typed.flags), view.request.tier == "pro"
    if said and set(said.values()) != {pro}:
        raise Conflict(next(iter(said)), "extend")
    return replace(typed, flags={**typed.flags, "pro": True}) if pro else typed


def _slots(ask: Ask, typed: Typed, taken: Sequence[Taken]) -> list[PictureSlot]:
    attached = len(ask.attachments)
    addresses = typed.addresses
    return [
        PictureSlot(ref=picture.ref, address=addresses[number - attached] if number >= attached else None)
        for number, picture in enumerate(taken)
    ]
