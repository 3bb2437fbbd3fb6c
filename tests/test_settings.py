"""What is read, from where, and how each mistake is told."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example as such_as
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from adapters.web.settings import WebSettings
from bot import settings
from bot.errors import SettingsInvalid
from bot.settings import Parts, all_parts, example, load
from bot.settings_core import CoreSettings
from bot.settings_fields import fields, help_text, is_secret
from tests.support.tree import ROOT

FAL_KEY = "0b5c2f51-90ab:8c6f7a9e2d414f6f"
NOT_ENOUGH = {"KLING_ACCESS_KEY", "KLING_SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}
"""Settings that ask for another one beside them."""
NAMES = sorted(name for model in all_parts() for name in fields(model))


def problems(environ: dict[str, str], env_file: Path | None = None, *, parts: Parts | None = None) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        load(environ, env_file, parts=parts)
    return list(caught.value.problems)


def problems_if_any(environ: dict[str, str]) -> list[str]:
    try:
        load(environ, None)
    except SettingsInvalid as error:
        return list(error.problems)
    return []


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_with_nothing_set_everything_has_a_careful_default() -> None:
    found = load({}, None)
    assert (found.core.data, found.core.host, found.core.port) == (Path("data"), "127.0.0.1", 8080)
    assert (found.core.monthly_microusd, found.core.credit_microusd) == (50_000_000, 5_000)
    assert (found.core.workspaces, found.core.admins, found.core.alerts) == (frozenset(), frozenset(), None)
    assert (found.core.keep_days, found.core.log, found.core.log_level) == (30, "text", "info")
    assert [name for name, provider in found.providers.items() if provider.on] == []


def test_each_provider_and_platform_has_its_part() -> None:
    found = load({"FAL_KEY": FAL_KEY, "KLINGBOT_WEB": "no"}, None)
    assert found.providers["fal"].secret == FAL_KEY
    assert not found.providers["wavespeed"].on
    assert found.adapter("web", WebSettings).enabled is False


def test_a_platform_s_settings_are_had_as_their_own_model_only() -> None:
    with pytest.raises(TypeError, match="the settings of web are WebSettings"):
        load({}, None).adapter("web", CoreSettings)


def test_the_real_environment_wins_over_the_file(env_file: Path) -> None:
    env_file.write_text("KLINGBOT_PORT=1\nKLINGBOT_KEEP_DAYS=7\n")
    found = load({"KLINGBOT_PORT": "2"}, env_file).core
    assert (found.port, found.keep_days) == (2, 7)


def test_an_empty_value_is_no_value(env_file: Path) -> None:
    env_file.write_text("KLINGBOT_PORT=1\nKLINGBOT_KEEP_DAYS=\nFAL_KEY=''\n")
    found = load({"KLINGBOT_PORT": "  "}, env_file)
    assert (found.core.port, found.core.keep_days, found.providers["fal"].on) == (1, 30, False)


def test_what_is_not_said_is_read_from_the_process_and_the_current_folder(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("KLINGBOT_KEEP_DAYS=7\n")
    monkeypatch.chdir(env_file.parent)
    monkeypatch.setenv("KLINGBOT_PORT", "2")
    assert (load().core.port, load().core.keep_days) == (2, 7)


def test_a_file_that_is_not_there_is_empty(env_file: Path) -> None:
    assert load({}, env_file) == load({}, None)


def test_the_file_may_hold_comments_quotes_exports_and_a_byte_order_mark(env_file: Path) -> None:
    env_file.write_text(
        "\ufeffKLINGBOT_PORT=1 # mine\r\n\r\n# KLINGBOT_HOST=::1\r\nexport KLINGBOT_LOG='json'\r\n", encoding="utf-8"
    )
    found = load({}, env_file).core
    assert (found.port, found.host, found.log) == (1, "127.0.0.1", "json")


def test_a_dollar_in_the_file_stays_what_it_is(env_file: Path) -> None:
    env_file.write_text('KLINGBOT_WEB_TOKEN="pa$HOME-${USER}-word"\n')
    token = load({"HOME": "/x", "USER": "ana"}, env_file).adapter("web", WebSettings).token
    assert token.get_secret_value() == "pa$HOME-${USER}-word"


def test_a_line_that_is_no_setting_is_told_by_its_number_and_not_shown(env_file: Path) -> None:
    env_file.write_text(f"# mine\n\nFAL_KEY: {FAL_KEY}\nKLINGBOT_PORT=1\n\n{FAL_KEY}\n")
    assert problems({}, env_file) == [
        f"{env_file}, line 3: is not NAME=value",
        f"{env_file}, line 6: is not NAME=value",
    ]


def test_a_file_that_can_not_be_read_is_one_problem_among_the_others(env_file: Path) -> None:
    env_file.mkdir()
    assert problems({"KLINGBOT_PORT": "abc"}, env_file) == [
        f"{env_file}: can't be read: Is a directory",
        "KLINGBOT_PORT: 'abc' is not a whole number between 0 and 65535",
    ]


def test_a_file_in_another_encoding_is_named(env_file: Path) -> None:
    env_file.write_bytes("KLINGBOT_PORT=1".encode("utf-16"))
    assert problems({}, env_file) == [f"{env_file}: is not a text file in UTF-8; save it as one"]


def test_every_problem_of_every_part_is_told_at_once() -> None:
    assert problems(
        {
            "KLINGBOT_HOST": "http://example.org:80",
            "KLINGBOT_PORT": "65536",
            "KLINGBOT_MONTHLY_USD": "unlimited",
            "KLINGBOT_ALERTS": "web:page",
            "KLINGBOT_LOG": "xml",
            "FAL_KEY": "your-key-here",
            "FAL_BASE_URL": "http://fal.run",
            "KLINGBOT_WEB": "perhaps",
            "KLINGBOT_WEB_TOKEN": "short",
            "KLINGBOT_PROT": "80",
        }
    ) == [
        "KLINGBOT_HOST: 'http://example.org:80' can't be used: "
        "write a name or an address alone, without http:// and without a port",
        "KLINGBOT_PORT: '65536' is not a whole number between 0 and 65535",
        "KLINGBOT_MONTHLY_USD: 'unlimited' is not a number above 0 and up to 100000, with at most 6 decimals",
        "KLINGBOT_ALERTS: 'web:page' can't be used: write it as platform:workspace:channel",
        "KLINGBOT_LOG: 'xml' is not one of text, json",
        f"FAL_KEY: holds a placeholder. {help_text(fields(all_parts().providers['fal'])['FAL_KEY'])}",
        "FAL_BASE_URL: 'http://fal.run' can't be used: a key needs https, except on a private address",
        "KLINGBOT_WEB: 'perhaps' is not true or false",
        "KLINGBOT_WEB_TOKEN: its value can't be used: needs at least 12 characters",
        "KLINGBOT_PROT: there is no such setting; did you mean KLINGBOT_PORT?",
    ]


@pytest.mark.parametrize(
    "value", ["8642", " 8642", "8642\n", '"8642"', "'8642' ", "\u201c8642\u201d", "\u00a08642\ufeff"]
)
def test_what_came_along_when_a_value_was_pasted_is_taken_off(value: str) -> None:
    assert load({"KLINGBOT_PORT": value}, None).core.port == 8642


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("KLINGBOT_MONTLY_USD", "did you mean KLINGBOT_MONTHLY_USD?"),
        ("klingbot_port", "did you mean KLINGBOT_PORT?"),
        ("KLINGBOT-PORT", "did you mean KLINGBOT_PORT?"),
        ("KLINGBOT_ADMIN", "did you mean KLINGBOT_ADMINS?"),
        ("KLINGBOT_PINEAPPLE", "`klingbot env` lists all of them"),
    ],
)
def test_a_setting_of_ours_that_does_not_exist_is_named(name: str, hint: str) -> None:
    assert problems({name: "1"}) == [f"{name}: there is no such setting; {hint}"]


def test_names_of_others_and_of_the_tests_are_left_alone() -> None:
    assert load({"PATH": "/bin", "KLING_X": "1", "KLINGBOT_TEST_PROFILE": "verify"}, None) == load({}, None)


@pytest.mark.parametrize(
    "placeholder",
    [
        *(
            "changeme",
            "CHANGE_ME",
            "your-key-here",
            "YOUR_FAL_KEY",
            "your_api_key",
            "xxx",
            "X" * 8,
            "<your key>",
            "...",
        ),
        *(
            "insert your token here",
            "key-id:key-secret",
            "${FAL_KEY}",
            "$FAL_KEY",
            "replace-me-please",
            "none",
            "api-key",
        ),
    ],
)
@pytest.mark.parametrize("name", ["FAL_KEY", "KLINGBOT_WEB_TOKEN"])
def test_a_placeholder_is_no_secret(name: str, placeholder: str) -> None:
    [problem] = problems({name: placeholder})
    assert problem.startswith(f"{name}: holds a placeholder. ")


@pytest.mark.parametrize(
    "key", [FAL_KEY, "sandbox-key", "wsk_live_YourKeyIsMine42", "myxxxkey12", "none-of-your-business"]
)
def test_what_only_resembles_a_placeholder_is_taken(key: str) -> None:
    assert load({"FAL_KEY": key}, None).providers["fal"].secret == key


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        (
            f"{FAL_KEY[:9]}\n{FAL_KEY[9:]}",
            "its value has a line break or an invisible character inside; paste it again",
        ),
        (f"{FAL_KEY}\u200b{FAL_KEY}", "its value has a line break or an invisible character inside; paste it again"),
        (f'"{FAL_KEY}', "its value has a quote at one end only; paste it again without quotes"),
        (f"FAL_KEY={FAL_KEY}", "its value begins with its own name; leave that out"),
        (f"Key {FAL_KEY}", "its value can't be used: "),
    ],
)
def test_a_badly_pasted_secret_is_named_and_not_shown(secret: str, what: str) -> None:
    [problem] = problems({"FAL_KEY": secret})
    assert problem.startswith(f"FAL_KEY: {what}")
    assert FAL_KEY[9:] not in problem


def test_a_secret_pasted_into_another_setting_is_not_shown_either() -> None:
    [problem] = problems({"FAL_KEY": FAL_KEY, "KLINGBOT_PORT": f"{'x' * 60} {FAL_KEY}"})
    assert problem.startswith(f"KLINGBOT_PORT: '{'x' * 60} [hidden]'")
    key = FAL_KEY.replace(":", "-")
    [problem] = problems({"WAVESPEED_API_KEY": key, "KLINGBOT_ADMINS": f"web:mira,{key}"})
    assert problem.endswith("'[hidden]' is not platform:user or platform:workspace:user")
    assert key not in problem


def test_a_long_value_is_cut() -> None:
    [problem] = problems({"KLINGBOT_PORT": "9" * 5_000})
    assert problem == f"KLINGBOT_PORT: '{'9' * 80}…' is not a whole number between 0 and 65535"


class Pair(BaseModel):
    """Two settings that need each other."""

    model_config = ConfigDict(frozen=True)

    needed: int = Field(alias="NEEDED", description="it can't do without")
    one: SecretStr | None = Field(default=None, alias="ONE", description="the one")
    other: float | None = Field(default=None, alias="OTHER", ge=1, description="the other", examples=["2.5"])

    @model_validator(mode="after")
    def _both(self) -> "Pair":
        if (self.one is None) != (self.other is None):
            raise ValueError("ONE and OTHER go together")
        return self


def test_parts_may_need_a_setting_and_complain_about_several() -> None:
    parts = Parts(providers={}, adapters={"pair": Pair})
    assert problems({}, parts=parts) == ["NEEDED: is needed. It can't do without. A whole number."]
    assert problems({"NEEDED": "1", "ONE": "a secret"}, parts=parts) == ["ONE and OTHER go together"]
    assert problems({"NEEDED": "1", "OTHER": "0"}, parts=parts) == ["OTHER: '0' is not a number from 1"]
    assert load({"NEEDED": "1"}, None, parts=parts).adapters["pair"] == Pair(NEEDED=1)


def test_all_secrets_are_found() -> None:
    found = load(
        {"FAL_KEY": FAL_KEY, "WAVESPEED_API_KEY": "wsk-5f2c", "KLINGBOT_WEB_TOKEN": "a long pass phrase"}, None
    )
    assert settings.secrets(found) == (FAL_KEY, "wsk-5f2c", "a long pass phrase")
    assert settings.secrets(load({}, None)) == ()


def test_settings_never_show_a_secret() -> None:
    found = load({"FAL_KEY": FAL_KEY, "KLINGBOT_WEB_TOKEN": FAL_KEY}, None)
    assert FAL_KEY not in f"{found!r} {found}"


def test_settings_can_not_be_changed() -> None:
    found = load({}, None)
    for name in CoreSettings.model_fields:
        with pytest.raises(ValidationError):
            setattr(found.core, name, getattr(found.core, name))
    for field in dataclasses.fields(found):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(found, field.name, getattr(found, field.name))


@given(name=st.sampled_from(sorted(set(NAMES) - NOT_ENOUGH)), value=st.text())
@such_as("KLINGBOT_PORT", "1_0")
@such_as("KLINGBOT_DATA", "\0")
@such_as("FAL_KEY", '"')
@such_as("FAL_BASE_URL", "http://[")
def test_whatever_a_value_is_it_works_or_is_named(name: str, value: str) -> None:
    told = problems_if_any({name: value})
    assert [problem.partition(":")[0] for problem in told] in ([], [name])
    assert all("\n" not in problem for problem in told)


@given(
    secret=st.from_regex(r"[!-~ ]{4}[A-Za-z0-9+/]{12,40}[\n ]?[!-~]{4}", fullmatch=True), name=st.sampled_from(NAMES)
)
def test_no_problem_ever_shows_a_secret(secret: str, name: str) -> None:
    told = problems_if_any({name: f"see {secret}", "FAL_KEY": secret, "KLINGBOT_LOG": secret})
    assert told
    assert all(secret.strip() not in problem for problem in told)


def settings_of(model: type[BaseModel]) -> list[Any]:
    return [pytest.param(name, field, id=name) for name, field in fields(model).items()]


@pytest.mark.parametrize(("name", "field"), [row for model in all_parts() for row in settings_of(model)])
def test_every_setting_is_described_optional_and_in_the_example(name: str, field: Any) -> None:
    assert field.description
    assert not field.is_required()
    lines = example().splitlines()
    assert lines.count(next(line for line in lines if line.startswith(f"# {name}="))) == 1
    above = lines[lines.index(next(line for line in lines if line.startswith(f"# {name}="))) - 1]
    assert above.startswith("# ")
    if is_secret(field):
        assert f"# {name}=" in lines


def test_no_two_parts_share_a_name_and_every_field_has_one() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert len(NAMES) == sum(len(model.model_fields) for model in all_parts())


def test_the_example_in_the_tree_is_the_one_that_is_made() -> None:
    assert (ROOT / ".env.example").read_text() == example()


def test_the_example_as_it_is_sets_nothing() -> None:
    assert load({}, ROOT / ".env.example") == load({}, None)


def test_the_example_with_every_line_switched_on_sets_the_defaults(env_file: Path) -> None:
    on = [line.removeprefix("# ") for line in example().splitlines() if line.removeprefix("# ").split("=")[0] in NAMES]
    assert len(on) == len(NAMES)
    env_file.write_text("\n".join(on))
    assert load({}, env_file) == load({}, None)


def test_examples_of_values_can_be_used() -> None:
    given_examples = {name: str(f.examples[0]) for m in all_parts() for name, f in fields(m).items() if f.examples}
    assert {"KLINGBOT_WORKSPACES", "KLINGBOT_ADMINS", "KLINGBOT_ALERTS"} <= given_examples.keys()
    assert load(given_examples, None) != load({}, None)


def test_the_example_says_where_a_key_is_had_and_what_a_setting_takes() -> None:
    class Part(BaseModel):
        """A part of its own."""

        key: SecretStr | None = Field(
            default=None, alias="KEY", description="the key", json_schema_extra={"where": "https://example.org/keys"}
        )
        size: int = Field(default=3, alias="SIZE", lt=9, description="How large it is.", examples=["4"])

    assert example(Parts(providers={}, adapters={"part": Part})).endswith(
        "# ---- A part of its own ----\n"
        "\n"
        "# The key. Get it at https://example.org/keys\n"
        "# KEY=\n"
        "\n"
        "# How large it is. A whole number below 9. Example: 4\n"
        "# SIZE=3\n"
    )


def test_the_module_is_cheap_to_import() -> None:
    program = "import sys, bot.settings; print([m for m in sys.modules if m.startswith(('adapters', 'bot.providers'))])"
    heavy = "print([m for m in ('httpx', 'aiohttp', 'PIL', 'av', 'aiosqlite') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{program}; {heavy}"], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.split() == [b"[]", b"[]"]
