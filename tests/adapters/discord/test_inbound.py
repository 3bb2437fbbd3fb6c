"""Payloads of any shape: nothing is trusted to be there, and nothing hostile gets further than words."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import inbound
from adapters.discord.registry import table
from bot.messaging import Command, FormField
from tests.support.at_discord import JOB, MENU
from tests.support.local_discord.world import ANA, APP, GUILD

KNOWN = table(MENU)
NAMES = st.sampled_from([
    "id", "type", "data", "options", "name", "value", "focused", "member", "user", "author", "guild_id", "channel_id",
    "resolved", "attachments", "messages", "target_id", "components", "component", "custom_id", "values", "mentions",
    "content", "referenced_message", "authorizing_integration_owners", "video", "animate", "quota", "set", "prompt",
    "start", "bot", "size", "url", "filename", "content_type", "global_name", "token",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | NAMES | st.text(max_size=20) | st.just(APP),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)
PAYLOADS = st.dictionaries(NAMES, VALUES, max_size=10)


async def read(url: str) -> AsyncIterator[bytes]:
    yield url.encode()


@given(PAYLOADS)
def test_no_payload_breaks_what_reads_it(payload: dict[str, Any]) -> None:
    inbound.origin(payload)
    inbound.slash(payload, KNOWN, read)
    inbound.focused(payload, KNOWN)
    inbound.picked(payload, read)
    inbound.submitted(payload, read)
    inbound.mention(payload, APP, read, sees_content=False)
    inbound.buttons(payload)
    inbound.job_of(payload)


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=4), st.sampled_from(["animate", "video", "quota"]))
def test_no_option_breaks_a_command(options: list[dict[str, Any]], verb: str) -> None:
    data = {"options": [{"name": verb, "type": 1, "options": options}], "resolved": {"attachments": {"1": options}}}
    ask = inbound.slash({"data": data}, KNOWN, read)
    assert ask is None or all(isinstance(value, str) for value in ask.choices.values())


def test_somebody_picked_in_a_command_is_a_reference() -> None:
    person = FormField(name="to", label="Person", kind="person")
    menu = table([Command(name="credits", help="", words=(Command(name="gift", help="", fields=(person,)),))])
    given = {"name": "gift", "type": 1, "options": [{"name": "person", "type": 6, "value": ANA}]}
    ask = inbound.slash({"data": {"options": [{"name": "credits", "type": 2, "options": [given]}]}}, menu, read)
    assert ask is not None
    assert (ask.verb, ask.choices) == ("credits gift", {"to": f"<@{ANA}>"})


@pytest.mark.parametrize(
    ("custom_id", "job"),
    [(f"again:{JOB}", JOB), (f"?delete:{JOB}", JOB), (f"~edit:{JOB}", JOB), ("confirm:x", None), ("again:short", None)],
)
def test_the_job_of_a_message_stands_in_its_buttons(custom_id: str, job: str | None) -> None:
    message = {"components": [{"components": [{"custom_id": "go:help"}, {"custom_id": custom_id, "label": "Again"}]}]}
    assert inbound.job_of(message) == job


@pytest.mark.parametrize(
    ("owners", "apart", "workspace"),
    [({"0": GUILD}, False, GUILD), ({"0": GUILD, "1": ANA}, False, GUILD), ({"1": ANA}, True, "")],
)
def test_who_installed_it_says_whether_the_bot_is_there(owners: dict[str, str], apart: bool, workspace: str) -> None:
    payload = {"guild_id": GUILD, "authorizing_integration_owners": owners, "member": {"user": {"id": ANA}}}
    ask = inbound.origin(payload)
    assert (ask.apart, ask.actor.workspace, ask.place.workspace, ask.actor.user) == (apart, workspace, workspace, ANA)
