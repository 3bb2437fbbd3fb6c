"""Tokens are told apart by their form."""

import pytest
from pydantic import ValidationError

from adapters.slack.settings import SlackSettings

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
HEX = "0123456789abcdef0123456789abcdef"


def test_off_without_anything_and_on_with_a_bot_token() -> None:
    assert not SlackSettings().on
    assert SlackSettings.model_validate(GOOD).on


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SLACK_BOT_TOKEN": "xapp-1"}, "begins with xoxb- (page OAuth & Permissions); this is an app token"),
        ({**GOOD, "SLACK_APP_TOKEN": "xoxb-1"}, "begins with xapp- (section App-Level Tokens); this is a bot token"),
        ({**GOOD, "SLACK_APP_TOKEN": HEX}, "begins with xapp- (section App-Level Tokens)"),
        ({**GOOD, "SLACK_BOT_TOKEN": "xoxp-1"}, "this is a user's token"),
        ({**GOOD, "SLACK_BOT_TOKEN": "xoxe.xoxb-1"}, "this is a token that rotates"),
        (
            {**GOOD, "SLACK_SIGNING_SECRET": "xoxb-1"},
            "hexadecimal digits (section App Credentials); this is a bot token",
        ),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET"),
        ({**GOOD, "SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together"),
        ({**GOOD, "SLACK_API_URL": "slack.com"}, "SLACK_API_URL"),
    ],
)
def test_what_is_wrong_is_said_with_the_page_where_it_is(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError) as error:
        SlackSettings.model_validate(given)
    assert said in str(error.value)
    assert "xoxp-1" not in str(error.value)
