import pytest
from pydantic import ValidationError

from adapters.web import WebSettings


def test_the_page_is_served_to_this_computer_unless_said_otherwise() -> None:
    settings = WebSettings()
    assert settings.enabled
    assert settings.token.get_secret_value() == ""


def test_the_page_can_be_switched_off() -> None:
    assert not WebSettings.model_validate({"KLINGBOT_WEB": "off"}).enabled


@pytest.mark.parametrize("token", ["zq", "eleven-char"])
def test_a_token_that_can_be_guessed_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ValidationError, match="needs at least 12 characters") as caught:
        WebSettings.model_validate({"KLINGBOT_WEB_TOKEN": token})
    assert token not in str(caught.value).replace("12 characters", "")


def test_the_token_is_not_shown() -> None:
    assert "correct" not in repr(WebSettings.model_validate({"KLINGBOT_WEB_TOKEN": "correct-horse-battery"}))


def test_every_setting_is_described() -> None:
    assert all(field.description and field.alias for field in WebSettings.model_fields.values())
