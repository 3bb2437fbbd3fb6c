"""The verbs as people in a chat meet them: real rows, files and offers; made-up providers and a chat in memory."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot.commands.house import House, Policy
from bot.commands.service import Commands
from bot.credits.check import check
from bot.credits.limits import set_limit
from bot.jobs import scripts
from bot.jobs.states import JobState
from bot.jobs.sweeping import sweep
from bot.messaging import Actor, Ask, Attachment, Card, Form, Place, Press, Reply
from bot.net.door import Door
from bot.net.fetch import fetch_picture
from bot.providers.base import TaskStatus
from bot.providers.registry import OFFERS
from bot.store.ids import new_id
from tests.support.clips import clip
from tests.support.desk import CEILING, Desk, desk
from tests.support.loopback import Loopback, Names, loopback
from tests.support.media import file_of, noise

BEN, CAT, ADA = "ben", "cat", "ada"
"""Two members and an administrator."""

PRICE = 56
"""Credits that the cheapest text-to-video of 5 seconds is held for: an estimate's upper bound of $0.28."""

_OPEN = "state IN ('received', 'quoted', 'confirming', 'approving')"
_BOOKS = {
    "entries": "SELECT * FROM entry ORDER BY id",
    "balances": "SELECT id, balance FROM account WHERE balance <> 0 ORDER BY id",
    "limits": "SELECT * FROM spending_limit ORDER BY workspace, scope",
    "month": "SELECT * FROM usage ORDER BY scope, period",
    "blobs": "SELECT sha256 FROM blob ORDER BY sha256",
    "asks": f"SELECT id, state FROM ask WHERE {_OPEN} ORDER BY id",
    "jobs": "SELECT * FROM job ORDER BY id",
    "attempts": "SELECT * FROM attempt ORDER BY id",
    "deliveries": "SELECT * FROM delivery ORDER BY id",
}


@dataclass
class Front:
    """A house with people in front of it. `web` is what the address `http://pictures.lan:<port>` leads to."""

    desk: Desk
    house: House
    commands: Commands
    folder: Path
    web: Loopback
    rings: list[None]
    heard: int = 0

    async def says(
        self,
        text: str,
        *pictures: bytes,
        by: str = BEN,
        team: str = "team",
        key: str | None = None,
        about: str | None = None,
    ) -> Reply:
        """Somebody says something, with pictures."""
        attached = tuple(attachment(data, f"{number}.jpg") for number, data in enumerate(pictures, start=1))
        ask = Ask(
            key=self._key(key), actor=actor(by, team), place=place(team), text=text, attachments=attached, about=about
        )
        return await self.commands.ask(ask)

    async def fills(
        self, form: Form, values: Mapping[str, str], *pictures: Attachment, by: str = BEN, key: str | None = None
    ) -> Reply:
        """Somebody sends a form with these values in it."""
        ask = Ask(
            key=self._key(key), actor=actor(by), place=place(), text="", attachments=pictures, about=form.about,
            verb=form.verb, choices=values,
        )  # fmt: skip
        return await self.commands.ask(ask)

    async def presses(self, action: str, *, by: str = BEN, team: str = "team", key: str | None = None) -> Reply:
        """Somebody presses a button."""
        return await self.commands.press(
            Press(key=self._key(key), actor=actor(by, team), place=place(team), action=action)
        )

    async def orders(self, text: str = "a red fox", *pictures: bytes, by: str = BEN, team: str = "team") -> str:
        """Somebody asks for a video and gets it; answers with the job's id."""
        before = {row["id"] for row in await self.rows("SELECT id FROM job")}
        reply = await self.says(f"{text} --yes", *pictures, by=by, team=team)
        assert reply.card is None, shown(reply)
        (job,) = {row["id"] for row in await self.rows("SELECT id FROM job")} - before
        return str(job)

    async def finished(self, text: str = "a red fox", *pictures: bytes, by: str = BEN, team: str = "team") -> str:
        """Somebody asks for a video, and it is made and shown; answers with the job's id."""
        for provider in self.desk.providers.values():
            provider.statuses = [TaskStatus(state="done", video_url="https://made.up/x.mp4")]
        self.desk.downloads.append(clip(5, width=640, height=360))
        job = await self.orders(text, *pictures, by=by, team=team)
        await self.desk.until_state(job, JobState.DONE)
        await self.desk.settle()
        return job

    async def asked(
        self, text: str = "a red fox --d 10", *, by: str = BEN, team: str = "team", key: str | None = None
    ) -> str:
        """Somebody asks for something dear and is asked back; answers with the ask's id."""
        reply = await self.says(text, by=by, team=team, key=key)
        assert reply.card is not None
        action = reply.card.buttons[0].action
        assert action.startswith("confirm:"), shown(reply)
        return action.removeprefix("confirm:").partition(".")[0]

    async def lost(self, job: str, *, running: bool = False) -> str:
        """The paid call of a queued job was made; its answer was lost, unless it is `running`. The attempt's id."""
        run, clock, now = self.house.database.run, self.desk.clock, self.desk.clock.now()
        row = (await self.rows("SELECT offers FROM job WHERE id = :id", id=job))[0]
        offer = OFFERS[json.loads(row["offers"])[0]]
        attempt, owner = new_id(clock), new_id(clock)
        await run(lambda: _claim(job, owner))
        await run(
            scripts.intend, job, owner, attempt=attempt, provider=offer.provider, offer=offer.id, microusd=280_000,
            body={"json": {"number": attempt}}, now=now,
        )  # fmt: skip
        if running:
            task: dict[str, Any] = {"id": f"task-{attempt}", "extra": {}}
            await run(
                scripts.accepted, job, JobState.SUBMITTING, attempt=attempt, task_id=task["id"], task=task, now=now,
                wake=now,
            )  # fmt: skip
        else:
            await run(scripts.uncertain, job, attempt=attempt, detail="AnswerLost", now=now, wake=now)
        return attempt

    async def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """The rows of a SELECT as plain dictionaries."""
        found: list[Any] = list(await self.house.database.read(sql, params))
        return [dict(row) for row in found]

    async def state(self, job: str) -> JobState:
        """Where a job is."""
        return (await self.house.reader.view(job)).state

    async def books(self) -> Mapping[str, object]:
        """Credits, files, tasks and messages as they are now. Before and after a refusal they are the same."""
        files = sorted(path.relative_to(self.folder).as_posix() for path in (self.folder / "blobs").rglob("*"))
        calls = {name: (len(one.bodies), one.prepared) for name, one in self.desk.providers.items()}
        return {
            **{name: await self.rows(sql) for name, sql in _BOOKS.items()},
            "files": [name for name in files if (self.folder / name).is_file()],
            "calls": calls,
            "messages": sorted(self.desk.messenger.messages),
        }

    async def check_books(self) -> None:
        """The ledger adds up. Raises LedgerBroken."""
        await self.house.database.view(check)

    async def held(self) -> int:
        """Credits that are held for everybody."""
        return sum(row["balance"] for row in await self.rows("SELECT balance FROM account WHERE id LIKE '%:held'"))

    async def counted(self) -> tuple[int, int, int]:
        """Jobs, messages in the chat, credits held."""
        return len(await self.rows("SELECT id FROM job")), len(self.desk.messenger.messages), await self.held()

    async def limit(self, credits: int) -> None:
        """Let each member of the team use that many credits a month."""
        await self.house.database.run(
            set_limit, workspace=self.desk.workspace, scope="default", credits=credits, period="month"
        )

    async def sweeps(self) -> None:
        """What is tidied once a minute."""
        await sweep(self.desk.work, self.desk.postman, keep_days=30)

    async def storage(self, *, there: bool) -> None:
        """Whether the database can be written, as when a disk is full or mounted read-only."""
        pragma = f"PRAGMA query_only={'OFF' if there else 'ON'}"
        await self.house.database._writer.call(lambda raw: raw.execute(pragma))

    def url(self, path: str) -> str:
        """An address that people may give; `web.answers` says what is there."""
        return f"{self.web.url.replace('127.0.0.1', 'pictures.lan')}{path}"

    def _key(self, key: str | None) -> str:
        self.heard += 1
        return f"message-{self.heard}" if key is None else key


def _claim(job: str, owner: str) -> Any:
    yield "UPDATE job SET lease_owner = :owner WHERE id = :job", {"owner": owner, "job": job}


@asynccontextmanager
async def front(
    folder: Path, *, ceiling: int = CEILING, on: tuple[str, ...] = ("fal", "wavespeed")
) -> AsyncIterator[Front]:
    """A house that sells what the providers `on` sell. `ceiling` is the operator's, in micro-dollars."""
    on_sale = tuple(offer for offer in OFFERS.values() if offer.provider in on)
    async with desk(folder, offers=on_sale) as made, loopback() as web:
        port = web.url.rpartition(":")[2]
        door = Door(made.clock, bases=(f"http://pictures.lan:{port}",), resolver=Names(pictures_lan=[["127.0.0.1"]]))
        rings: list[None] = []
        house = House(
            database=made.work.database, blobs=made.work.blobs, clock=made.clock, timing=made.work.timing,
            reader=made.reader, providers=made.providers, offers=OFFERS, messengers={"fake": made.messenger},
            policy=Policy(
                credit_microusd=5_000,
                ceiling_microusd=ceiling,
                admitted=frozenset(("fake:team",)),
                admins=frozenset((f"fake:small:{ADA}", f"fake:other:{ADA}")),
            ),
            fetch_picture=partial(fetch_picture, door), ring=lambda: rings.append(None),
        )  # fmt: skip
        yield Front(made, house, Commands(house), folder, web, rings)
        await door.close()


def actor(user: str, team: str = "team") -> Actor:
    """A person of the chat."""
    return Actor(platform="fake", workspace=team, user=user, name=user.capitalize())


def place(team: str = "team") -> Place:
    """Where people talk."""
    return Place(platform="fake", workspace=team, channel="general")


def attachment(data: bytes, name: str = "fox.jpg") -> Attachment:
    """A file as a platform hands it over: in pieces, with a type that is only claimed."""

    async def read() -> AsyncIterator[bytes]:
        for start in range(0, max(1, len(data)), 1_000_000):
            yield data[start : start + 1_000_000]

    return Attachment(name=name, declared_type="image/jpeg", read=read)


def photo(seed: int = 0) -> bytes:
    """A picture that can be used."""
    return file_of(noise(400, 300, seed))


def shown(reply: Reply) -> str:
    """Everything that stands on a reply's card."""
    return "" if reply.card is None else words(reply.card)


def words(card: Card) -> str:
    """Everything that stands on a card."""
    rows = (f"{row.name}: {row.value}" for row in card.rows)
    return "\n".join((card.title, card.text, *rows, card.command, card.footer))
