"""What payloads mean, and that nonsense means nothing."""

import copy
import json
import random
import re
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import pytest

from adapters.slack.inbound import Heard
from tests.support.local_slack.world import ANA, BEN, GENERAL, TEAM, Json
from tests.support.slack_payloads import ANSWER, FILE, JOB, PAYLOADS, ROOT, TRIGGER, TS
from tests.support.tree import ROOT as TREE

MUTATIONS = 200
PHOTO = {"id": "F0PHOTO", "url": FILE["url_private_download"], "name": "dog.png", "kind": "image/png", "role": ""}
BARE = {"url": "", "name": "", "kind": "", "role": ""}
TYPED = Heard(
    key=f"command:{TRIGGER}", kind="ask", team=TEAM, user=ANA, name="ana", channel=GENERAL, trigger=TRIGGER,
    answer=ANSWER,
)  # fmt: skip
SAID = Heard(
    key=f"message:{TEAM}:{GENERAL}:{TS}:{ANA}", kind="ask", team=TEAM, user=ANA, channel=GENERAL, thread=TS, message=TS,
    text="a fox",
)  # fmt: skip
DIRECT = replace(SAID, key=f"message:{TEAM}:D0ANA:{TS}:{ANA}", channel="D0ANA")
PICKED = replace(TYPED, key=f"shortcut:{TRIGGER}", thread=TS, message=TS)
PRESSED = replace(
    TYPED, key=f"press:{TRIGGER}", kind="press", thread=TS, message=TS, action=f"again:{JOB}"
)  # fmt: skip
SENT = replace(TYPED, key="view:V0FORM", text="zoom", answer="")
HEARD: dict[str, Heard | None] = {
    "slash": replace(TYPED, text="a red fox --pro"),
    "slash alone": TYPED,
    "slash escaped": replace(TYPED, text="a <b> & @U0BEN in #C0X https://a.b channel"),
    "slash in a direct message of two": replace(TYPED, text="a fox", channel="D0TWO"),
    "slash org-wide": replace(TYPED, text="a fox", team="E0ACME"),
    "slash with an en dash": replace(TYPED, text="a fox –pro"),
    "slash about credits": replace(
        TYPED, text="quota set <@U0BEN|ben> <#C0X|y> <&S0DESIGN|@designers> 50/day <b> https://a.b"
    ),
    "slash about approvals": replace(TYPED, text="Approvals by <&S0DESIGN>"),
    "slash with a group": replace(TYPED, text="a fox for designers"),
    "slash very long": replace(TYPED, text=("fox " * 2_500).strip()),
    "mention": SAID,
    "mention with a file": replace(SAID, files=(PHOTO,)),
    "mention without its file": replace(SAID, reread=True),
    "mention with a file of another organisation": replace(SAID, files=({"id": "F0THEIRS", **BARE},)),
    "mention in a thread": replace(SAID, thread=ROOT, reread=True),
    "mention in the middle": replace(SAID, text=f"hey   a fox for @{BEN}"),
    "mention about credits": replace(SAID, text=f"credits gift 50 <@{BEN}>"),
    "mention by a bot": None,
    "mention without text": replace(SAID, text=""),
    "mention without authorizations": SAID,
    "mention from a shared channel": SAID,
    "mention by another organisation": SAID,
    "mention with twenty files": replace(SAID, files=tuple(PHOTO | {"id": f"F0{number}"} for number in range(10))),
    "mention with a deleted file": replace(SAID, files=({"id": "F0GONE", **BARE},)),
    "direct": DIRECT,
    "direct with a file": replace(DIRECT, files=(PHOTO,)),
    "direct in a thread": replace(DIRECT, thread=ROOT, reread=True),
    "direct in a thread and out of it": replace(DIRECT, thread=ROOT, reread=True),
    "direct by ourselves": None,
    "direct changed": None,
    "direct deleted": None,
    "said in a channel": None,
    "home": Heard(key="home:Ev0ONE", kind="home", team=TEAM, user=ANA),
    "home, messages": None,
    "uninstalled": Heard(key=f"gone:{TEAM}:Ev0ONE", kind="gone", team=TEAM, user="", when=1_763_650_000.0),
    "revoked": Heard(key=f"gone:{TEAM}:Ev0ONE", kind="gone", team=TEAM, user="", when=1_763_650_000.0),
    "revoked for a person": None,
    "file shared": None,
    "renamed": None,
    "shortcut": replace(PICKED, files=(PHOTO,)),
    "shortcut in a thread": replace(PICKED, thread=ROOT, files=(PHOTO,)),
    "shortcut on words": PICKED,
    "shortcut on a file of another organisation": replace(PICKED, files=({"id": "F0THEIRS", **BARE},)),
    "shortcut on an app's message": replace(PICKED, files=(PHOTO,)),
    "global shortcut": replace(PICKED, thread="", message="", channel="", answer=""),
    "press": PRESSED,
    "press in a thread": replace(PRESSED, thread=ROOT),
    "press on an ephemeral card": replace(PRESSED, thread="", message=""),
    "press in App Home": replace(PRESSED, thread="", message="", channel="", action="go:jobs"),
    "press without a value": None,
    "press of a link": None,
    "press to show": replace(PRESSED, action="!F0MOVIE"),
    "press org-wide": PRESSED,
    "form": replace(SENT, choices={"d": "10", "pro": "yes"}, files=(PHOTO | {"role": "start"},)),
    "form with ids only": replace(SENT, files=({"id": "F0PHOTO", **BARE, "role": "start"},)),
    "form over a message": replace(SENT, thread=ROOT, files=({"id": "F1", **BARE},), verb="animate"),
    "form with a channel": replace(SENT, channel="C0OTHER", answer=ANSWER),
    "form of a button": replace(SENT, kind="press", action="deny:1"),
    "form with a person": replace(SENT, choices={"person": f"<@{BEN}>"}),
    "form with a broken note": None,
    "form with another's note": None,
    "form by another organisation": SENT,
    "form unfilled": SENT,
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_each_payload_means_what_it_should(name: str) -> None:
    parse, payload = PAYLOADS[name]
    assert parse(payload) == HEARD[name]


def test_there_is_a_payload_for_each_door_and_trap() -> None:
    assert len(PAYLOADS) >= 40
    assert PAYLOADS.keys() == HEARD.keys()


@pytest.mark.parametrize("name", PAYLOADS)
def test_what_was_heard_goes_through_the_inbox(name: str) -> None:
    parse, payload = PAYLOADS[name]
    if heard := parse(payload):
        again = Heard(**json.loads(json.dumps(asdict(heard))))
        assert replace(again, files=tuple(again.files)) == heard


ID = re.compile(r"[A-Z][A-Z0-9]+")
JUNK: list[Any] = [
    None, True, False, 0, -1, 1.5, "", " ", "x" * 5_000, "\x00", "<@U", "💥", [], {}, [[]], [None], {"id": None},
    {"id": []}, {"": {}}, "U0OTHER", "[" * 2_000, 10**400, "C0\n", {"value": {"value": []}},
]  # fmt: skip


def nodes(part: Any) -> list[tuple[Any, Any]]:
    """Every place in a payload, as what holds it and its key."""
    keys = list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
    found = [(part, key) for key in keys]
    return found + [one for key in keys for one in nodes(part[key])]


def mutated(payload: Json, chance: random.Random) -> Json:
    changed = copy.deepcopy(payload)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        places = nodes(changed)
        holder, key = chance.choice(places)
        match chance.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1:
                other, name = chance.choice(places)
                holder[key] = copy.deepcopy(other[name]) if name in other or isinstance(other, list) else None
            case _:
                holder[key] = copy.deepcopy(chance.choice(JUNK))
    return changed


@pytest.mark.parametrize("name", PAYLOADS)
def test_nonsense_neither_raises_nor_becomes_a_request(name: str) -> None:
    parse, payload = PAYLOADS[name]
    chance = random.Random(name)
    for _ in range(MUTATIONS):
        changed = mutated(payload, chance)
        heard = parse(changed)
        if heard is None:
            continue
        told = set(strings(changed))
        assert ID.fullmatch(heard.team)
        named = {one[:200] for one in told | noted(changed)}
        assert {heard.team, heard.user, heard.action[:200], heard.channel} - {""} <= named
        assert heard.kind == "gone" or ID.fullmatch(heard.user)
        assert (heard.kind == "press") == bool(heard.action)
        assert heard.kind != "ask" or heard.channel or heard.trigger
        assert len(json.dumps(asdict(heard))) < 500_000
        if (event := changed.get("event")) and heard.kind == "ask":
            assert (event["type"], bool(event.get("bot_id"))) in (("app_mention", False), ("message", False))
            assert {event["user"], event["channel"], event["ts"]} <= told


def strings(part: Any) -> list[str]:
    """Every string in a payload."""
    return [holder[key] for holder, key in nodes(part) if isinstance(holder[key], str)]


def noted(payload: Json) -> set[str]:
    """What stands in a form's hidden note."""
    try:
        return set(strings(json.loads(payload["view"]["private_metadata"])))
    except (KeyError, TypeError, ValueError):
        return set()


def test_there_are_ten_thousand_mutations() -> None:
    assert MUTATIONS * len(PAYLOADS) >= 10_000


def test_reading_payloads_takes_nothing_of_slacks_library() -> None:
    code = "import sys, adapters.slack.inbound; print([one for one in sys.modules if one[:6] in ('slack_', 'aiohtt')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=TREE, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
