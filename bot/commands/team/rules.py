"""`quota rules`: what may be asked for here, and how flagged videos are shown."""

from collections.abc import Mapping
from typing import Any

from bot.commands.house import House, Who
from bot.commands.subwords.rules import WORDS_MAX, Allow, Effects, Refuse, Rule, ShowFlagged
from bot.commands.team.announcing import Sources
from bot.commands.team.files import named_by, show_alone
from bot.commands.team.told import Doing, Told
from bot.commands.wording import rules as wording
from bot.credits.content import folded
from bot.credits.rules import Rules, change_rules, rules_of
from bot.errors import AgainstRules, BadValue, NotFound
from bot.jobs.notices import Notice
from bot.messaging import Press, Reply
from bot.store.ids import new_id
from bot.store.scripts import Script


async def _rules(told: Told) -> Reply:
    house, who = told.house, told.who
    if told.what is None:
        return Reply(card=wording.rules(await house.database.view(rules_of, who.workspace)))
    after = await house.database.run(
        _change, who.workspace, told.what, actor=who.person, now=house.clock.now(), audit=new_id(house.clock)
    )
    return Reply(card=wording.rules(after, changed=True))


def _change(workspace: str, rule: Rule, *, actor: str, now: int, audit: str) -> Script[Rules]:
    """Change one rule, as the rules stand at this moment."""
    before = yield from rules_of(workspace)
    changes, action, detail = _changes(before, rule)
    return (
        yield from change_rules(
            workspace=workspace, changes=changes, actor=actor, action=f"quota rules {action}", detail=detail, now=now,
            audit=audit,
        )
    )  # fmt: skip


def _changes(before: Rules, rule: Rule) -> tuple[Mapping[str, Any], str, str]:
    """What changes, the word that does it, and how."""
    match rule:
        case Refuse(words):
            known = {folded(one) for one in before.refused}
            after = (*before.refused, *(one for one in words if folded(one) not in known))
            if len(after) > WORDS_MAX:
                raise BadValue("words", str(len(after)), (f"up to {WORDS_MAX} in all",))
            return {"refused": after}, "refuse", wording.words(words)
        case Allow(words):
            gone = {folded(one) for one in words}
            after = tuple(one for one in before.refused if folded(one) not in gone)
            return {"refused": after}, "allow", wording.words(words)
        case ShowFlagged(how):
            return {"flagged": how}, "flagged", how
        case Effects(on):
            return {"effects": on}, "effects", "on" if on else "off"


async def press_reveal(house: House, press: Press, job: str, who: Who) -> Reply:
    """Show a flagged video to whoever presses. Raises AgainstRules where the team shows none, by now."""
    view = await house.job(job, who.workspace)
    if (await house.database.view(rules_of, who.workspace)).flagged == "never":
        raise AgainstRules("flagged")
    if view.video is None:
        raise NotFound("video", job)
    facts = {"kind": "video", "about": view.id}
    name = named_by("reveal", press.actor.platform, press.actor.workspace, press.key)
    direct = await show_alone(house, press.actor, press.place, name, facts)
    return Reply(card=wording.revealing(direct=direct))


async def announce_video(sources: Sources, facts: Mapping[str, Any], _now: int) -> Notice:
    """The message with the video on it."""
    view = await sources.reader.view(str(facts["about"]))
    if (await sources.database.view(rules_of, view.workspace)).flagged == "never":
        raise NotFound("video", view.id)
    return Notice(card=wording.revealed(view), video=view, without=wording.too_large(view))


DOING: Doing = {("quota", "rules"): _rules}
ANNOUNCERS = {"video": announce_video}
