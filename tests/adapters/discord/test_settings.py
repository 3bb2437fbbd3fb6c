"""What can be set of Discord, and what is said when it can't be."""

import pytest

from bot.errors import SettingsInvalid
from bot.settings import load
from tests.support.local_discord.server import TOKEN


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISCORD_TOKEN", "0123456789abcdef0123456789abcdef", "a bot token has three parts with dots"),
        ("DISCORD_TOKEN", f"Bot {TOKEN}", "a bot token has three parts with dots"),
        ("DISCORD_GUILDS", "Studio", "the id of a server has 15 to 20 digits"),
        ("DISCORD_PUBLIC_KEY", "abc", "has 64 hexadecimal digits"),
        ("DISCORD_API_URL", "discord.com", "write it as https://host/api/v10"),
        ("DISCORD_API_URL", "https://discord.com/api/v10/", "write it as https://host/api/v10"),
        ("DISCORD_THREADS", "perhaps", "true or false"),
    ],
)
def test_what_cannot_be_is_said_in_words(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load({name: value}, env_file=None)
    (problem,) = caught.value.problems
    assert problem.startswith(name)
    assert said in problem
    assert TOKEN not in problem


def test_several_servers_stand_in_one_line() -> None:
    settings = load({"DISCORD_GUILDS": "800000000000000001, 800000000000000002"}, env_file=None)
    assert settings.adapters["discord"].model_dump()["guilds"] == ("800000000000000001", "800000000000000002")
