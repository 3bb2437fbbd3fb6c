"""Faults on demand: one table of what can go wrong, and the orders that make it go wrong for some calls."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.clock import Clock

Stage = Literal[
    "wait", "before", "keys", "body", "end", "motion", "extension", "sale", "shape", "after", "cancel", "file"
]
"""When a kind acts: first, instead of the call, on a body's keys, a bad body, its end frame, its masks and camera move,
an extension, a sale, the shape of an answer, an answer, a cancel, a video."""

CALLS = ("submit", "check", "list", "cancel", "upload", "account", "file")
"""What a client does: the paid call, a look at one task, at many, a cancel, an upload, at the account, a download."""

_API = ("submit", "check", "list", "cancel", "upload", "account")


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can go wrong: when, in which calls (the first unless told), and in words; `delay` in seconds."""

    stage: Stage
    calls: tuple[str, ...]
    does: str
    delay: float = 0.0


KINDS: dict[str, Kind] = {
    "latency": Kind("wait", (*_API, "file"), "The answer comes `delay` seconds late.", 2.0),
    "rate_limited": Kind("before", _API, "429 with Retry-After of `delay` seconds; nothing is accepted.", 1.0),
    "rate_limited_bare": Kind("before", _API, "429 without Retry-After; nothing is accepted."),
    "error_500": Kind("before", _API, "500 in the provider's own shape; nothing is accepted."),
    "error_502": Kind("before", _API, "502 in the provider's own shape; nothing is accepted."),
    "error_503": Kind("before", _API, "503 in the provider's own shape; nothing is accepted."),
    "error_504": Kind("before", _API, "504 in the provider's own shape; nothing is accepted."),
    "nginx_503": Kind("before", _API, "503 of the ingress: an HTML page that names nginx; nothing is accepted."),
    "closed": Kind("before", (*_API, "file"), "The connection is closed without an answer; nothing is accepted."),
    "balance_exhausted": Kind("before", ("submit", "upload"), "The account is empty (fal: 403 User is locked)."),
    "policy_at_submit": Kind("before", ("submit",), "The prompt is refused by the content rules; nothing is accepted."),
    "strict_keys": Kind("keys", ("submit",), "A body with keys that the endpoint doesn't list is refused."),
    "late_refusal": Kind("body", ("submit",), "A bad body is accepted, and refused as the task's result."),
    "motion_works": Kind("motion", ("submit",), "Masks and camera moves work; else such a task fails (AI/ML API)."),
    "end_needs_start": Kind("end", ("submit",), "An end frame without a start frame is refused (Kling)."),
    "extension_alone": Kind("extension", ("submit",), "An extension comes without the clip before it (Kling)."),
    "policy_after_work": Kind("sale", ("submit",), "The task is worked on, then refused by the content rules."),
    "generation_failed": Kind("sale", ("submit",), "The task is worked on, then fails."),
    "stuck": Kind("sale", ("submit",), "The task is worked on for ever."),
    "other_shape": Kind("shape", _API, "The answer has another of the shapes that its provider is known for."),
    "accept_then_drop": Kind("after", ("submit",), "The task exists, the connection closes without an answer."),
    "malformed_json": Kind("after", _API, "The call does its work, its answer breaks off in the middle of the JSON."),
    "no_id": Kind("after", ("submit",), "The task exists, the 2xx answer names no id."),
    "cancel_stops_work": Kind("cancel", ("cancel",), "A cancel also ends a task that is being worked on."),
    "truncated_video": Kind("file", ("file", "submit"), "The download breaks off halfway through."),
    "half_video": Kind("file", ("file", "submit"), "The download is half the file, and says so in its length."),
    "slow_video": Kind("file", ("file", "submit"), "The download takes `delay` seconds.", 20.0),
    "wrong_length_video": Kind("file", ("file", "submit"), "The video has 3 seconds, whatever was asked."),
    "html_video": Kind("file", ("file", "submit"), "200 with a web page instead of the video."),
    "expired_link": Kind("file", ("file", "submit"), "The link answers 403."),
    "missing_file": Kind("file", ("file", "submit"), "The link answers 404."),
}
"""Name → what it does. A video kind ordered for `submit` sticks to the task sold; for `file` it hits one download."""


class BadFault(ValueError):
    """An order for a fault that can't be: says why, in words for the person at the sandbox."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One order. With `count` it hits the next so many calls, with `rate` that share of them; else every one."""

    id: int
    provider: str
    kind: str
    call: str
    count: int | None
    rate: float
    delay: float
    hits: int = 0


class Faults:
    """The orders in force, oldest first; the first that applies to a call is used."""

    def __init__(self, clock: Clock, providers: Collection[str]) -> None:
        self._clock, self._providers = clock, providers
        self._orders: list[Fault] = []
        self._last = 0

    def add(
        self,
        kind: str,
        *,
        provider: str = "*",
        call: str = "",
        count: int | None = None,
        rate: float = 1.0,
        delay: float | None = None,
    ) -> Fault:
        """Order a fault: `provider` or `*` for all, `call` or `any`. Raises BadFault."""
        found = KINDS.get(kind)
        if found is None:
            raise BadFault(f"no such kind: {kind}; there are {', '.join(KINDS)}")
        if provider != "*" and provider not in self._providers:
            raise BadFault(f"no such provider: {provider}; there are *, {', '.join(self._providers)}")
        if call not in ("", "any", *found.calls):
            raise BadFault(f"{kind} doesn't apply to {call}; it does to {', '.join(found.calls)}, any")
        if not 0 <= rate <= 1 or (count is not None and count < 1) or (delay is not None and delay < 0):
            raise BadFault("rate is 0 to 1, count at least 1, delay at least 0 seconds")
        self._last += 1
        order = Fault(
            id=self._last,
            provider=provider,
            kind=kind,
            call=call or found.calls[0],
            count=count,
            rate=rate,
            delay=found.delay if delay is None else delay,
        )
        self._orders.append(order)
        return order

    def draw(self, provider: str, call: str, stage: Stage) -> Fault | None:
        """The fault that hits this call at this stage, if one does; counted."""
        for order in self._orders:
            if _applies(order, provider, call, stage) and (order.rate >= 1 or self._clock.uniform(0, 1) < order.rate):
                order.hits += 1
                if order.count is not None:
                    order.count -= 1
                return order
        return None

    def listed(self) -> list[dict[str, Any]]:
        """Every order, also those used up, as JSON."""
        return [asdict(order) for order in self._orders]

    def clear(self, number: int | None = None) -> int:
        """Take back one order, or all; how many went."""
        before = len(self._orders)
        self._orders = [order for order in self._orders if number is not None and order.id != number]
        return before - len(self._orders)


def _applies(order: Fault, provider: str, call: str, stage: Stage) -> bool:
    kind = KINDS[order.kind]
    fits = order.call == call or (order.call == "any" and call in kind.calls)
    return kind.stage == stage and fits and order.provider in ("*", provider) and order.count != 0


_WRITTEN = re.compile(
    r"(?:(?P<provider>[a-z]+)/)?(?P<kind>[a-z0-9_]+)(?:@(?P<call>[a-z]+))?"
    r"(?::(?:x(?P<count>[0-9]+)|(?P<rate>[0-9.]+)))?(?:\+(?P<delay>[0-9.]+))?"
)


def parse_fault(text: str) -> dict[str, Any]:
    """`[provider/]kind[@call][:rate or :xcount][+seconds]` as arguments of `Faults.add`. Raises BadFault.

    For example `accept_then_drop:0.2`, `fal/error_503@check:x2`, `latency@any:0.5+3`.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise BadFault(f"not a fault: {text}; write [provider/]kind[@call][:rate or :xcount][+seconds]")
    numbers: dict[str, Any] = {"count": int, "rate": float, "delay": float}
    try:
        return {name: numbers.get(name, str)(value) for name, value in found.groupdict().items() if value is not None}
    except ValueError as error:
        raise BadFault(f"not a number in {text}") from error
