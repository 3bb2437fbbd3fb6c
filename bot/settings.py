"""Settings: the environment over `.env`, checked as a whole. The only module that reads the process's environment.

Each part of the house declares its settings beside itself as a frozen pydantic model. A field's alias is the name of
its variable, its description says what for, `examples` show what to write, and `json_schema_extra={"where": …}` names
the page where one gets it; what must never be shown is a `SecretStr`. Here the parts are put together, read, described.
"""

import io
import os
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dotenv.parser import parse_stream
from pydantic import BaseModel, SecretStr, ValidationError

from bot.commands.nearness import near
from bot.errors import SettingsInvalid
from bot.net.redact import Redactor
from bot.settings_core import CoreSettings
from bot.settings_fields import cleaned, fields, help_text, is_secret, secret_problem, what_is_wrong, written

if TYPE_CHECKING:
    from bot.providers.overrides import OfferSettings
    from bot.providers.settings import ProviderSettings

Model = TypeVar("Model", bound=BaseModel)

PREFIX = "KLINGBOT_"
"""What settings of ours begin with; keys and addresses of somebody else keep their usual names."""

_TESTS = "KLINGBOT_TEST_"  # what the test suite is told by its caller
_INTRODUCTION = """\
# klingbot's settings. Copy this file to .env and fill in what you need; `klingbot check` tells whether it will do.
# A line that begins with # is off, and its setting has the value shown, or none. Real environment variables win.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The models that make up the settings, by the name of their provider or platform."""

    providers: "Mapping[str, type[ProviderSettings]]"
    adapters: Mapping[str, type[BaseModel]]
    offers: "type[OfferSettings] | None" = None

    def __iter__(self) -> Iterator[type[BaseModel]]:
        yield CoreSettings
        if self.offers is not None:
            yield self.offers
        yield from self.providers.values()
        yield from self.adapters.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked: the house's own, those of offers, each provider's and each platform's by its name."""

    core: CoreSettings
    providers: "Mapping[str, ProviderSettings]"
    adapters: Mapping[str, BaseModel]
    offers: "OfferSettings | None" = None

    def adapter(self, name: str, model: type[Model]) -> Model:
        """A platform's settings as the model that it declared. Raises KeyError, TypeError."""
        found = self.adapters[name]
        if not isinstance(found, model):
            raise TypeError(f"the settings of {name} are {type(found).__name__}")
        return found


def all_parts() -> Parts:
    """The parts of the house. Imported on demand: most of what needs settings needs no provider's code."""
    from adapters.discord.settings import DiscordSettings
    from adapters.slack.settings import SlackSettings
    from adapters.web.settings import WebSettings
    from bot.providers.overrides import OfferSettings
    from bot.providers.registry import PROVIDERS

    providers = {name: row.settings for name, row in PROVIDERS.items()}
    adapters: dict[str, type[BaseModel]] = {"web": WebSettings, "discord": DiscordSettings, "slack": SlackSettings}
    return Parts(providers=providers, adapters=adapters, offers=OfferSettings)


def load(
    environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env"), *, parts: Parts | None = None
) -> Settings:
    """Read the settings; an empty value counts as not set, and a file that isn't there as empty.

    Raises SettingsInvalid with every problem of every part at once. No problem shows a secret.
    """
    parts = parts or all_parts()
    from_file, problems = _read(env_file) if env_file else ({}, [])
    values = _set(from_file) | _set(os.environ if environ is None else environ)
    look = _Look(values, parts)
    settings = Settings(
        core=look.at(CoreSettings),
        offers=look.at(parts.offers) if parts.offers else None,
        providers={name: look.at(model) for name, model in parts.providers.items()},
        adapters={name: look.at(model) for name, model in parts.adapters.items()},
    )
    problems += [*look.problems, *_unknown_names(values, parts)]
    if problems:
        raise SettingsInvalid(tuple(look.redactor.clean(problem) for problem in problems))
    return settings


def secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret among the settings, for `bot.logs` to hide."""
    parts = (settings.core, *settings.providers.values(), *settings.adapters.values())
    found = [value.get_secret_value() for part in parts for _, value in part if isinstance(value, SecretStr)]
    return tuple(dict.fromkeys(filter(None, found)))


def example(parts: Parts | None = None) -> str:
    """The text of `.env.example`: every setting with its default, switched off, and what it is for."""
    return "\n".join([_INTRODUCTION, *map(_section, parts or all_parts())])


def _section(model: type[BaseModel]) -> str:
    heading = cleandoc(model.__doc__ or model.__name__).splitlines()[0].rstrip(".")
    lines = [f"# ---- {heading} ----", ""]
    for name, field in fields(model).items():
        lines += textwrap.wrap(
            help_text(field), 116, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )
        lines += [f"# {name}={written(field.default)}", ""]
    return "\n".join(lines)


def _read(path: Path) -> tuple[dict[str, str], list[str]]:
    """The names and values of a file, and its problems. A line that can't be read isn't shown: it may be a secret."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, []
    except UnicodeDecodeError:
        return {}, [f"{path}: is not a text file in UTF-8; save it as one"]
    except OSError as error:
        return {}, [f"{path}: can't be read: {error.strerror}"]
    values, problems = {}, []
    for binding in parse_stream(io.StringIO(text)):
        source = binding.original.string
        if binding.key and binding.value is not None:
            values[binding.key] = binding.value
        elif binding.key or binding.error:
            blank_lines = source[: len(source) - len(source.lstrip())].count("\n")
            problems.append(f"{path}, line {binding.original.line + blank_lines}: is not NAME=value")
    return values, problems


def _set(values: Mapping[str, str]) -> dict[str, str]:
    """What is really set, cleaned of what was pasted along."""
    return {name: text for name, value in values.items() if (text := cleaned(value))}


class _Look:
    """One look at all values, part by part, that gathers what is wrong with them."""

    def __init__(self, values: Mapping[str, str], parts: Parts) -> None:
        self.problems: list[str] = []
        self.redactor = Redactor(
            values[name]
            for model in parts
            for name, field in fields(model).items()
            if is_secret(field) and name in values
        )
        self._values = values

    def at(self, model: type[Model]) -> Model:
        """A part; its defaults where there are problems, so that the other parts are looked at too."""
        known = fields(model)
        given = {name: self._values[name] for name in known if name in self._values}
        for name in [name for name in given if is_secret(known[name])]:
            if problem := secret_problem(name, known[name], given[name]):
                self.problems.append(problem)
                del given[name]
        try:
            return model.model_validate(given)
        except ValidationError as error:
            refused: dict[str, Any] = {}
            for one in error.errors():
                refused.setdefault(str(one["loc"][0]) if one["loc"] else "", one)
            for name, one in refused.items():
                shown = self.redactor.clean(given[name]) if name in given else None
                self.problems.append(what_is_wrong(name, known.get(name), shown, one))
            return model.model_construct()


def _unknown_names(values: Mapping[str, str], parts: Parts) -> Iterator[str]:
    known = {name for model in parts for name in fields(model)}
    ours = {name.removeprefix(PREFIX).lower(): name for name in sorted(known) if name.startswith(PREFIX)}
    for name in sorted(values.keys() - known):
        spelled = name.upper().replace("-", "_")
        if spelled.startswith(PREFIX) and not spelled.startswith(_TESTS):
            meant = near(spelled.removeprefix(PREFIX), ours, most=1)
            hint = f"did you mean {ours[meant[0]]}?" if meant else "`klingbot env` lists all of them"
            yield f"{name}: there is no such setting; {hint}"
