"""What every provider's file needs on the wire: the paid call with its three outcomes, reads that fail softly."""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from bot.errors import (
    AddressRefused,
    AnswerTooLarge,
    CheckFailed,
    NetError,
    NeverSent,
    ProviderReason,
    SubmitRefused,
    SubmitUncertain,
)
from bot.net.addresses import parse
from bot.net.answer import Answer, one_line
from bot.net.door import Door, Files
from bot.net.redact import Redactor
from bot.providers.base import Body, Failure, PictureFile

PAY_SECONDS = 120.0
"""How long the answer to a paid call is waited for: giving up early would only make more of them uncertain."""

UPLOAD_SECONDS = 120.0
MOST_MICROUSD = 1_000_000_000
"""A thousand dollars; whoever claims that a clip cost more isn't believed."""
_RICHEST = 10_000_000
"""Dollars; no account has that much."""

WORDS = 300
"""Characters kept of what a provider says."""

_REFUSED: Mapping[int, ProviderReason] = {
    400: "invalid", 401: "auth", 402: "balance", 403: "auth", 404: "not_found", 413: "invalid", 422: "invalid",
    429: "busy",
}  # fmt: skip
"""Statuses that say that nothing was started. 5xx, 408 and redirects say no such thing."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an answer that isn't a 2xx means, as its provider's file reads it."""

    reason: ProviderReason
    detail: str


def status_reason(status: int) -> ProviderReason:
    """What a status alone says."""
    return _REFUSED.get(status, "unavailable" if status >= 500 or status == 408 else "unknown")


_POLICY_SIGNS = (
    "nsfw", "sensitive", "content policy", "policy violation", "moderation", "risk control", "prohibited content",
)  # fmt: skip
_BALANCE_SIGNS = ("insufficient", "balance", "top up", "top-up", "out of credit")


def is_policy(words: str) -> bool:
    """Whether a provider's words speak of content rules, where no documented code does."""
    lower = words.lower().replace("case-sensitive", "").replace("case sensitive", "")
    return any(sign in lower for sign in _POLICY_SIGNS)


def failure(detail: str) -> Failure:
    """Why a task brought no video, where only the provider's words tell."""
    return Failure(reason="policy" if is_policy(detail) else "provider", detail=detail)


def worded(status: int, words: str) -> Complaint:
    """What a refusal means where codes for policy and an empty balance aren't documented: its words tell.

    They are only asked where the status says that it's about our input, our key or our account.
    """
    reason = status_reason(status)
    if reason in ("auth", "invalid", "balance"):
        if is_policy(words):
            return Complaint("policy", words)
        if any(sign in words.lower() for sign in _BALANCE_SIGNS):
            return Complaint("balance", words)
    return Complaint(reason, words)


class Api:
    """One provider's API: its base address, its key (and what `headers` go with it), and how it complains.

    `authorization` is a function where the key has to be signed anew from time to time.
    """

    def __init__(
        self,
        provider: str,
        door: Door,
        *,
        base_url: str,
        authorization: str | Callable[[], str],
        secret: str | Sequence[str],
        read: Callable[[Answer], Complaint],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.provider = provider
        self.base_url = base_url
        self._door = door
        self._authorization = authorization
        self._headers = headers or {}
        self._redactor = Redactor((secret,) if isinstance(secret, str) else secret)
        self._read = read

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.base_url}/{path.lstrip('/')}"

    def _authorized(self) -> dict[str, str]:
        """The key, made for this very call where it is one that runs out, and what goes with it."""
        key = self._authorization if isinstance(self._authorization, str) else self._authorization()
        return {"Authorization": key, **self._headers}

    def is_inside(self, url: object) -> bool:
        """Whether an address from an answer lies below the base address, so that the key may go there."""
        if not isinstance(url, str) or not url.isascii() or not url.isprintable():
            return False
        try:
            parts, same_host = urlsplit(url), parse(url) == parse(self.base_url)
        except (AddressRefused, ValueError):
            return False
        below = urlsplit(self.base_url).path + "/"
        return (
            same_host and parts.path.startswith(below) and ".." not in parts.path and not parts.query + parts.fragment
        )

    def words(self, text: object) -> str:
        """A provider's words made fit for rows and cards: a bounded line without our key; no text, no words."""
        return one_line(self._redactor.clean(text[: 10 * WORDS]), WORDS) if isinstance(text, str) else ""

    def complaint(self, answer: Answer) -> Complaint:
        """What a refusal means, its words bounded."""
        complaint = self._read(answer)
        return Complaint(complaint.reason, self.words(complaint.detail))

    async def pay(self, body: Body) -> Answer:
        """The paid call: one POST on a connection of its own, never repeated. Answers with a 2xx.

        Raises SubmitRefused where the connection never opened or the status says that nothing was started,
        SubmitUncertain for everything else. A 402 is counted among the former: whoever asks for payment first hasn't
        begun.
        """
        headers = {**self._authorized(), **body.headers}
        try:
            answer = await self._door.request(
                "POST", self.url(body.path), json=body.json, params=body.query or None, headers=headers,
                within=PAY_SECONDS, fresh=True,
            )  # fmt: skip
        except NeverSent as error:
            raise SubmitRefused(self.provider, "unavailable", self.words(error.why)) from None
        except AddressRefused as error:
            raise SubmitRefused(self.provider, "unknown", self.words(error.why)) from None
        except NetError as error:
            raise SubmitUncertain(self.provider, "unknown", self.words(_why(error))) from None
        if answer.ok:
            return answer
        said = self.complaint(answer)
        outcome = SubmitRefused if answer.status in _REFUSED else SubmitUncertain
        raise outcome(self.provider, said.reason, said.detail, answer.status, answer.retry_after)

    def task_id(self, answer: Answer, found: object) -> str:
        """The id in the answer to a paid call.

        Raises SubmitUncertain where there is none: something may have been started.
        """
        if text := short_id(found):
            return text
        raise SubmitUncertain(self.provider, "unknown", self.words(f"no id: {answer.text()}"), answer.status)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        files: Files | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        within: float = 30.0,
        authorized: bool = True,
    ) -> Answer:
        """A free call, whatever status comes back. Raises CheckFailed where no answer came."""
        all_headers = {**(self._authorized() if authorized else {}), **(headers or {})}
        try:
            return await self._door.request(
                method, url, json=json, content=content, files=files, params=params, headers=all_headers, within=within
            )  # fmt: skip
        except (AddressRefused, AnswerTooLarge) as error:
            raise CheckFailed(self.provider, "unknown", self.words(_why(error))) from None
        except NetError as error:
            raise CheckFailed(self.provider, "unavailable", self.words(_why(error))) from None

    async def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """A read that must succeed. Raises CheckFailed."""
        answer = await self.ask("GET", url, params=params)
        return self.expect(answer)

    def expect(self, answer: Answer) -> Answer:
        """The answer, if it is a 2xx. Raises CheckFailed with what it says otherwise."""
        if answer.ok:
            return answer
        said = self.complaint(answer)
        raise CheckFailed(self.provider, said.reason, said.detail, answer.status, answer.retry_after)

    def puzzled(self, what: str, answer: Answer) -> CheckFailed:
        """An answer in no known shape: never taken for an ending, asked again later."""
        return CheckFailed(self.provider, "unknown", self.words(f"{what}: {answer.text()}"), answer.status)


def _why(error: NetError) -> str:
    """Why no answer came, without the host, which the reader knows."""
    said, why = _NO_ANSWER.get(type(error), "no answer came"), getattr(error, "why", "")
    return f"{said} ({why})" if why else said


_NO_ANSWER: Mapping[type[NetError], str] = {
    NeverSent: "no connection",
    AddressRefused: "its address isn't allowed",
    AnswerTooLarge: "its answer was too large",
}


async def read_picture(picture: PictureFile) -> bytes:
    """The bytes of a picture, read from the disk beside the event loop."""
    return await asyncio.to_thread(picture.read)


def picture_name(picture: PictureFile) -> str:
    """A file name for an upload that tells nothing of the person's own."""
    return f"{picture.sha256[:16]}.{'png' if picture.mime == 'image/png' else 'jpg'}"


def data_uri(picture: PictureFile, data: bytes) -> str:
    """A picture inside the request itself."""
    return f"data:{picture.mime};base64,{bare_base64(data)}"


def bare_base64(data: bytes) -> str:
    """A picture inside the request, for who takes it without a word on what it is."""
    return base64.b64encode(data).decode()


def web_address(value: object) -> str | None:
    """An http(s) address from an answer, or None. Where it points is judged by the net when it is opened."""
    if not isinstance(value, str):
        return None
    try:
        parse(value)
    except AddressRefused:
        return None
    return value


def short_id(found: object) -> str | None:
    """An id or a name from an answer: a bounded line of printable ASCII, or None."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    if isinstance(found, int) and not 0 <= found < 10**WORDS:
        return None
    text = str(found).strip()
    return text if 0 < len(text) <= WORDS and text.isascii() and text.isprintable() else None


def plain_text(text: str) -> str:
    """Words from an answer that can be stored and sent: half a character, which JSON can hold, becomes a `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def iso(moment: int) -> str:
    """Milliseconds UTC as APIs read them in a question."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def account_balance(value: object) -> int | None:
    """What is left on an account, in dollars from an answer, as micro-dollars; it may be less than nothing."""
    try:
        dollars = Decimal(str(value))
    except InvalidOperation:
        return None
    return round(dollars * 1_000_000) if dollars.is_finite() and -_RICHEST < dollars < _RICHEST else None


def micro_dollars(value: object) -> int | None:
    """A price in dollars from an answer, as micro-dollars; None where it isn't one."""
    try:
        dollars = Decimal(str(value))
    except InvalidOperation:
        return None
    return round(dollars * 1_000_000) if dollars.is_finite() and 0 < dollars < 1_000 else None
