"""`quota tag`, `together`, `pause` and `resume`: under what is spent, how much at once, and whether at all."""

from bot.commands.subwords.spending import ChannelTag, Pause, Together
from bot.commands.team.scopes import resolve
from bot.commands.team.told import Doing, Told
from bot.commands.wording import spending, team
from bot.credits import pausing
from bot.credits.rules import Rules, change_rules, note, rules_of
from bot.errors import NotAllowed
from bot.jobs import waiting
from bot.messaging import Reply
from bot.store.ids import new_id
from bot.store.scripts import Script


async def _tag(told: Told) -> Reply:
    house, word = told.house, told.what
    channel = await resolve(house, told.ask, told.who, word.channel)
    key = channel.key.removeprefix("channel:")
    await house.database.run(_set_tag, told, word, key, channel.label, new_id(house.clock), house.clock.now())
    return Reply(card=spending.tagged(channel.label, word.tag))


def _set_tag(told: Told, word: ChannelTag, key: str, label: str, audit: str, now: int) -> Script[Rules]:
    before = yield from rules_of(told.who.workspace)
    others = {channel: tag for channel, tag in before.tags.items() if channel != key}
    tags = {**others, key: word.tag} if word.tag else others
    return (
        yield from change_rules(
            workspace=told.who.workspace, changes={"tags": tags}, actor=told.who.person, action="quota tag",
            detail=f"{label} {word.tag or 'off'}", now=now, audit=audit,
        )
    )  # fmt: skip


async def _together(told: Told) -> Reply:
    house = told.house
    rules = await house.database.run(_set_together, told, told.what, new_id(house.clock), house.clock.now())
    house.ring()
    return Reply(card=spending.together_set(rules))


def _set_together(told: Told, word: Together, audit: str, now: int) -> Script[Rules]:
    workspace = told.who.workspace
    most = "off" if word.most is None else str(word.most)
    rules = yield from change_rules(
        workspace=workspace, changes={"together_team" if word.team else "together": word.most}, actor=told.who.person,
        action="quota together", detail=f"team {most}" if word.team else most, now=now, audit=audit,
    )  # fmt: skip
    yield from waiting.wake_team(workspace, now=now)
    return rules


async def _pause(told: Told) -> Reply:
    word: Pause = told.what
    await _switch(told, word, word.reason)
    card = spending.all_paused(word.reason) if word.everything else team.paused(word.reason)
    return Reply(card=card, private=False)


async def _resume(told: Told) -> Reply:
    word: Pause = told.what
    await _switch(told, word, None)
    told.house.ring()
    still = await told.house.database.view(pausing.stopped)
    return Reply(card=team.resumed() if still is None else spending.still_paused(still), private=False)


async def _switch(told: Told, word: Pause, why: str | None) -> None:
    """Off with a reason, on without one."""
    house = told.house
    if word.everything and not house.is_operator(told.ask.actor):
        raise NotAllowed("pause", "operator")
    script = _switch_everything if word.everything else _switch_team
    await house.database.run(script, told, why, new_id(house.clock), house.clock.now())


def _switch_team(told: Told, why: str | None, audit: str, now: int) -> Script[None]:
    yield from change_rules(
        workspace=told.who.workspace, changes={"paused": why}, actor=told.who.person, action=_action(why),
        detail=why or "", now=now, audit=audit,
    )  # fmt: skip
    yield from waiting.wake_team(told.who.workspace, now=now)


def _switch_everything(told: Told, why: str | None, audit: str, now: int) -> Script[None]:
    if why is None:
        yield from pausing.go_on()
    else:
        yield from pausing.stop_everything(reason=why, actor=told.who.person, now=now)
    yield from note(
        workspace=told.who.workspace, actor=told.who.person, action=f"{_action(why)} everything", subject="",
        detail=why or "", now=now, audit=audit,
    )  # fmt: skip
    yield from waiting.wake_everybody(now=now)


def _action(why: str | None) -> str:
    return "quota resume" if why is None else "quota pause"


DOING: Doing = {
    ("quota", "tag"): _tag,
    ("quota", "together"): _together,
    ("quota", "pause"): _pause,
    ("quota", "resume"): _resume,
}
