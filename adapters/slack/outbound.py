"""Card to Slack: the Messenger. Messages by bot token and ids alone; one key is one message, also after a crash."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from adapters.slack import looks
from adapters.slack.files import Files
from adapters.slack.inbound import PLATFORM, SHOWS
from adapters.slack.teams import Teams
from bot.messaging import Actor, ActorFacts, Button, Card, Choice, Memory, MessageRef, OutFile, Place, PlaceFacts
from bot.messaging.failures import MessengerError, PlaceGone
from bot.messaging.lately import SHORTLY, Lately
from bot.messaging.payloads import Payload, ident, mapping, mappings, texts

_UPLOAD_LIMIT = 1_000_000_000  # bytes of one file, about: Slack says one gigabyte
_A_MINUTE, _RULES = 60.0, ("is_admin", "is_owner", "is_primary_owner")


class SlackMessenger:
    """Implements `bot.messaging.Messenger`."""

    beat = 12.0

    def __init__(self, teams: Teams, files: Files, memory: Memory) -> None:
        self._teams, self._files, self._memory, self._lately = teams, files, memory, Lately()

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        """Show a card; its video goes into the same thread before it. Raises PlaceGone, FileTooLarge, TryLater."""
        if only_for is not None and not place.channel.startswith("D"):  # there they are alone
            if ts := await self._ephemeral(place, card, only_for):
                return _ref(place, ts, None)
            place = await self.direct(only_for)
        row, thread = f"post:{key}", place.thread or reply_to
        kept = await self._memory.get(row) or {}
        ts = str(kept.get("ts") or "") or (await self._found(place, thread, key, kept["at"]) if kept else "")
        if not ts:
            await self._memory.put(row, {"at": kept.get("at") or time.time()})
            for file in files:
                ident = await self._files.upload(place, file, thread=thread, key=key, title=card.title or file.name)
                show = Button(label="Show", action=f"{SHOWS}{ident}")
                card = replace(card, buttons=(show, *card.buttons)) if file.flagged else card
            sent = await self._teams.call(
                place.workspace, "chat.postMessage", channel=place.channel, thread_ts=thread, unfurl_links=False,
                unfurl_media=False, metadata={"event_type": "klingbot_post", "event_payload": {"key": key}},
                **looks.message(card),
            )  # fmt: skip
            ts = str(sent["ts"])
        await self._memory.put(row, {"ts": ts, "done": time.time()})
        if card.job:
            at = {"channel": place.channel, "message_ts": ts}
            await self._memory.put(f"thread:{place.workspace}:{place.channel}:{thread or ts}", {"job": card.job})
            await self._memory.put(f"job:{place.workspace}:{card.job}", at)
        return _ref(place, ts, thread)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Put another card there."""
        await self._teams.call(ref.workspace, "chat.update", channel=ref.channel, ts=ref.message, **looks.message(card))

    async def delete(self, ref: MessageRef) -> None:
        """Take the message away."""
        with suppress(PlaceGone):
            await self._teams.call(ref.workspace, "chat.delete", channel=ref.channel, ts=ref.message)

    async def place(self, place: Place) -> PlaceFacts:
        """Whether the bot may post shows when it does: asking beforehand would need one more scope."""
        return PlaceFacts(can_post=True, can_attach=True, upload_limit=_UPLOAD_LIMIT)

    async def actor(self, actor: Actor) -> ActorFacts:
        """Who somebody is; not active where Slack doesn't say so, or says that they are of another organisation."""
        ask = partial(self._teams.read, actor.workspace, "users.info", user=actor.user)
        try:
            user = mapping((await self._lately.said(("user", actor.workspace, actor.user), ask, SHORTLY)).get("user"))
            groups = await self._user_groups(actor.workspace)
        except MessengerError:
            return ActorFacts(name=actor.name)
        name = mapping(user.get("profile")).get("display_name") or user.get("real_name") or actor.name
        org = mapping(user.get("enterprise_user"))
        home = (user.get("team_id"), *(org.get("teams") or ()))
        active = actor.workspace in (*home, org.get("enterprise_id")) and not any(map(user.get, ("deleted", "is_bot")))
        admin = active and any(user.get(one) for one in _RULES) and actor.workspace in home
        belongs = tuple(ident(one.get("id")) for one in groups if actor.user in texts(one.get("users")))
        return ActorFacts(name=str(name), groups=belongs, admin=admin, active=active)

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        """A workspace's user groups."""
        groups = await self._user_groups(workspace)
        return tuple(Choice(value=ident(one.get("id")), label=ident(one.get("name"))) for one in groups)

    async def direct(self, actor: Actor) -> Place:
        """Where somebody reads alone."""
        opened = await self._teams.call(actor.workspace, "conversations.open", users=actor.user)
        return Place(platform=PLATFORM, workspace=actor.workspace, channel=str(opened["channel"]["id"]))

    async def job_in(self, team: str, channel: str, thread: str) -> str | None:
        """The newest job of ours that a thread is about."""
        return (await self._memory.get(f"thread:{team}:{channel}:{thread}") or {}).get("job")

    async def link(self, team: str, job: str) -> str:
        """The address of the message about a job; empty where there is none."""
        at = await self._memory.get(f"job:{team}:{job}") or {}
        try:
            told = await self._teams.read(team, "chat.getPermalink", **at) if at else {"permalink": ""}
        except MessengerError:
            return ""
        return str(told["permalink"])

    async def _user_groups(self, workspace: str) -> list[Payload]:
        """With who is in them. Slack takes this call 20 times a minute, and a no is an answer, too."""
        args = {"include_users": "true", "team_id": workspace}
        ask = partial(self._teams.maybe, workspace, "usergroups.list", **args)
        return mappings((await self._lately.said(("groups", workspace), ask, SHORTLY)).get("usergroups"))

    async def _ephemeral(self, place: Place, card: Card, actor: Actor) -> str:
        args = {"channel": place.channel, "user": actor.user, "thread_ts": place.thread, **looks.message(card)}
        try:
            sent = await self._teams.call(place.workspace, "chat.postEphemeral", **args) if place.channel else {}
        except MessengerError:
            return ""
        return str(sent.get("message_ts") or "")

    async def _found(self, place: Place, thread: str | None, key: str, since: float) -> str:
        """A message of ours with this key, where an earlier try may have sent it. Empty where none is to be found."""
        args = {"channel": place.channel, "oldest": f"{since - _A_MINUTE:.6f}", "include_all_metadata": "true"}
        where = {"ts": thread} if thread else {}
        method = "conversations.replies" if thread else "conversations.history"
        told = await self._teams.maybe(place.workspace, method, **args, **where)  # without it, rather twice than never
        messages = mappings(told.get("messages"))
        keys = {mapping(mapping(one.get("metadata")).get("event_payload")).get("key"): one for one in messages}
        return str(keys[key]["ts"]) if key in keys else ""


def _ref(place: Place, ts: str, thread: str | None) -> MessageRef:
    return MessageRef(platform=PLATFORM, workspace=place.workspace, channel=place.channel, message=ts, thread=thread)
