"""What is done with what was heard: asked of the house, and answered where it was said, or for the person alone."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from adapters.slack import inbound, looks
from adapters.slack.files import Files
from adapters.slack.inbound import PLATFORM, SHOWS, File, Heard
from adapters.slack.outbound import SlackMessenger
from adapters.slack.teams import AWAY, Teams
from bot.messaging import Actor, Ask, Attachment, Card, Form, Place, Press, Reply, Verbs
from bot.messaging.failures import MessengerError
from bot.messaging.payloads import mappings

log = logging.getLogger(__name__)


class Doors:
    """Every way in, behind the acknowledgement; but the menu's form, which has to be quick, is opened before it."""

    def __init__(self, verbs: Verbs, messenger: SlackMessenger, teams: Teams, files: Files) -> None:
        self._verbs, self._messenger, self._teams, self._files = verbs, messenger, teams, files

    async def menu(self, heard: Heard) -> None:
        """The form of `/kling` alone and of the shortcuts; over a message's pictures where there are some."""
        fields, over = next(one.fields for one in self._verbs.commands() if one.name == "animate"), bool(heard.message)
        if not over:
            fields = tuple(replace(one, required=one.required and one.kind != "picture", least=0) for one in fields)
        title, verb = ("Animate with Kling", "animate") if over else ("Kling", "")
        if not await self._opened(heard, Form(title=title, fields=fields, submit="Make it", verb=verb)):
            await self._responded(heard, self._verbs.sorry(), replaces=False)

    async def wrong(self, heard: Heard) -> Card | None:
        """What is wrong with a sent form; None where nothing is. Reads no file and spends nothing."""
        card = None if heard.kind == "press" else await self._verbs.preview(self._ask(heard, heard.files))
        return card if card is not None and card.tone in ("warning", "bad") else None

    async def handle(self, told: dict[str, Any]) -> None:
        """Do what was heard. What Slack doesn't let us show is logged."""
        heard = Heard(**told)
        actor, place = _actor(heard), _place(heard)
        try:
            if heard.kind == "gone":
                await self._teams.grants.forget(heard.team, heard.when)
            elif heard.kind == "home":
                await self._home(heard)
            elif heard.action.startswith(SHOWS):
                await self._files.show(await self._messenger.direct(actor), heard.action.removeprefix(SHOWS))
            elif heard.kind == "press":
                press = Press(key=heard.key, actor=actor, place=place, action=heard.action, choices=heard.choices)
                await self._answer(heard, await self._verbs.press(press))
            else:
                await self._answer(heard, await self._verbs.ask(await self._whole(heard)))
        except MessengerError as error:
            log.warning("an answer could not be shown: %s", error.why)

    async def _opened(self, heard: Heard, form: Form) -> bool:
        try:
            await self._teams.call(heard.team, "views.open", trigger_id=heard.trigger, view=looks.modal(form, heard))
        except MessengerError as error:
            log.info("a form could not be opened: %s", error.why)
            return False
        return True

    async def _home(self, heard: Heard) -> None:
        """App Home: credits, recent jobs with links to them, and for administrators the team."""
        actor = _actor(heard)
        verbs = ("credits", "approvals", "quota", "jobs")[: 4 if (await self._messenger.actor(actor)).admin else 1]
        asks = [Ask(key=heard.key, actor=actor, place=_place(heard), text="", verb=verb) for verb in verbs]
        cards = [card for card in [(await self._verbs.ask(ask)).card for ask in asks] if card is not None]
        named = {job for card in cards for job in looks.JOB.findall(card.text)}
        links = {job: await self._messenger.link(heard.team, job) for job in named}
        await self._teams.call(heard.team, "views.publish", user_id=heard.user, view=looks.home(cards, links))

    async def _whole(self, heard: Heard) -> Ask:
        """The ask with what the event didn't tell: the pictures of its own message, of the thread's first; the job."""
        files, about = heard.files, heard.about or None
        if not files and not about and heard.thread:
            about = await self._messenger.job_in(heard.team, heard.channel, heard.thread)
        if heard.reread and about is None:
            files = await self._reread(heard)
        return replace(self._ask(heard, files), about=about)

    async def _reread(self, heard: Heard) -> tuple[File, ...]:
        """The pictures of the message itself, else of the thread's first one; none without `channels:history`."""
        args = {"channel": heard.channel, "ts": heard.thread, "limit": "200"}
        try:
            messages = mappings((await self._teams.read(heard.team, "conversations.replies", **args)).get("messages"))
        except MessengerError:
            return ()
        own = next((one for one in messages if one.get("ts") == heard.message), {})
        return inbound.pictures(own) or inbound.pictures(messages[0] if messages else {})

    def _ask(self, heard: Heard, files: Sequence[File]) -> Ask:
        read = partial(self._files.read, heard.team)
        return Ask(
            key=heard.key, actor=_actor(heard), place=_place(heard), text=heard.text, verb=heard.verb,
            choices=heard.choices, message=heard.message or None, about=heard.about or None,
            attachments=tuple(
                Attachment(name=one["name"], declared_type=one["kind"], role=one["role"], read=partial(read, one))
                for one in files
            ),
        )  # fmt: skip

    async def _answer(self, heard: Heard, reply: Reply) -> None:
        """A form where one can still be opened; else the card, for everybody or for the person alone."""
        card = reply.card or (self._verbs.sorry() if reply.form else None)
        if card is None or (reply.form and heard.trigger and await self._opened(heard, reply.form)):
            return
        if not reply.private or not await self._responded(heard, card, replaces=reply.replaces):
            only, place = (_actor(heard) if reply.private else None), _place(heard)
            if only and heard.thread == heard.message:  # in a thread that isn't there yet nobody would see it
                place = replace(place, thread=None)
            await self._messenger.post(place, card, key=f"r:{heard.key}", only_for=only)

    async def _responded(self, heard: Heard, card: Card, *, replaces: bool) -> bool:
        """By the interaction's own address, which reaches where the bot isn't, too; False where it is over."""
        if not heard.answer:
            return False
        payload = {**looks.message(card), "response_type": "ephemeral", "replace_original": replaces}
        try:
            url = self._files.check(heard.answer)
            async with self._teams.session.post(url, json=payload, allow_redirects=False) as answer:
                return answer.status == 200
        except (MessengerError, *AWAY):
            return False


def _actor(heard: Heard) -> Actor:
    return Actor(platform=PLATFORM, workspace=heard.team, user=heard.user, name=heard.name)


def _place(heard: Heard) -> Place:
    return Place(platform=PLATFORM, workspace=heard.team, channel=heard.channel, thread=heard.thread or None)
