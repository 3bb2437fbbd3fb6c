"""The settings of the house itself; each provider and each platform declares its own beside itself."""

import ipaddress
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.messaging import Place

MICRO = 1_000_000
"""Micro-dollars in a dollar."""
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_BETWEEN_ENTRIES = re.compile(r"[,\s]+")


def _folder(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("nobody here has such a home folder") from None


def _host(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        if not _HOST_NAME.fullmatch(text):
            raise ValueError("write a name or an address alone, without http:// and without a port") from None
    return text


def _public(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/?#]+/?", text):
        raise ValueError("write it as https://host, without a path")
    return text.rstrip("/")


def _entries(text: str, *shapes: str) -> frozenset[str]:
    """The entries of a comma list, each like one of the shapes (`platform:user`), the platform in lower case."""
    found = set()
    for entry in filter(None, _BETWEEN_ENTRIES.split(text)):
        platform, *ids = entry.split(":")
        if not platform or not all(ids) or len(ids) not in {shape.count(":") for shape in shapes}:
            raise ValueError(f"{entry!r} is not {' or '.join(shapes)}")
        found.add(":".join((platform.lower(), *ids)))
    return frozenset(found)


def _workspaces(value: Any) -> Any:
    return _entries(value, "platform:workspace") if isinstance(value, str) else value


def _admins(value: Any) -> Any:
    return _entries(value, "platform:user", "platform:workspace:user") if isinstance(value, str) else value


def _place(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) != 3 or not all(parts):
        raise ValueError("write it as platform:workspace:channel")
    return Place(platform=parts[0].lower(), workspace=parts[1], channel=parts[2])


_AnyCase = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class CoreSettings(BaseModel):
    """klingbot itself: where it lives, what it may spend, who rules."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    data: Annotated[Path, AfterValidator(_folder)] = Field(
        default=Path("data"),
        alias="KLINGBOT_DATA",
        description="Folder for the database, the pictures and the videos.",
    )
    host: Annotated[str, AfterValidator(_host)] = Field(
        default="127.0.0.1",
        alias="KLINGBOT_HOST",
        description="Address to listen on. 127.0.0.1 is this computer only, 0.0.0.0 every network it is in.",
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        alias="KLINGBOT_PORT",
        description="Port to listen on; 0 takes any free one.",
    )
    public_url: Annotated[str, AfterValidator(_public)] = Field(
        default="",
        alias="KLINGBOT_PUBLIC_URL",
        description="The address at which the internet reaches this server, where it does. Nothing here needs it but "
        "chat platforms that post to it; `klingbot manifest` then prints that variant.",
        examples=["https://kling.example.org"],
    )
    monthly_usd: Decimal = Field(
        default=Decimal(50),
        gt=0,
        le=100_000,
        decimal_places=6,
        alias="KLINGBOT_MONTHLY_USD",
        description="The most that all providers together may cost in a month, in dollars, whatever credits say.",
    )
    credit_usd: Decimal = Field(
        default=Decimal("0.005"),
        gt=0,
        le=100,
        decimal_places=6,
        alias="KLINGBOT_CREDIT_USD",
        description="What one credit stands for, in dollars of provider cost.",
    )
    low_balance_usd: Decimal = Field(
        default=Decimal(5),
        ge=0,
        le=100_000,
        decimal_places=6,
        alias="KLINGBOT_LOW_BALANCE_USD",
        description="Operators are told when a provider's account has less than this many dollars beside what open "
        "jobs will cost there.",
    )
    workspaces: Annotated[frozenset[str], BeforeValidator(_workspaces)] = Field(
        default=frozenset(),
        alias="KLINGBOT_WORKSPACES",
        description="Workspaces that start with credits, as platform:workspace, separated by commas. "
        "Any other starts with none until an administrator gives it some.",
        examples=["web:page"],
    )
    admins: Annotated[frozenset[str], BeforeValidator(_admins)] = Field(
        default=frozenset(),
        alias="KLINGBOT_ADMINS",
        description="Administrators beside those that the platform names, as platform:user or platform:workspace:user, "
        "separated by commas.",
        examples=["web:mira"],
    )
    alerts: Annotated[Place | None, BeforeValidator(_place)] = Field(
        default=None,
        alias="KLINGBOT_ALERTS",
        description="The channel where operators read alerts, as platform:workspace:channel. "
        "Without one it is the page's own #operators; `klingbot jobs` shows what needs a decision, too.",
        examples=["web:page:general"],
    )
    keep_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        alias="KLINGBOT_KEEP_DAYS",
        description="Days that pictures and videos are kept.",
    )
    log: Annotated[Literal["text", "json"], _AnyCase] = Field(
        default="text",
        alias="KLINGBOT_LOG",
        description="How log lines look: text for people, json for machines.",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _AnyCase] = Field(
        default="info",
        alias="KLINGBOT_LOG_LEVEL",
        description="The least important log lines that are written.",
    )

    @property
    def monthly_microusd(self) -> int:
        """The operator's ceiling in micro-dollars."""
        return int(self.monthly_usd * MICRO)

    @property
    def low_balance_microusd(self) -> int:
        """What an account should have left, in micro-dollars."""
        return int(self.low_balance_usd * MICRO)

    @property
    def credit_microusd(self) -> int:
        """One credit in micro-dollars."""
        return int(self.credit_usd * MICRO)
