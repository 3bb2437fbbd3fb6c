"""The composition root: what is wired to what, alone or beside another process, and that a dead runner is noticed."""

import asyncio
import json
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector

from bot.app import App, open_app
from bot.errors import AddressRefused, CannotListen, FolderNotWritable, RunnerStopped, SchemaTooNew, StoreUnavailable
from bot.jobs.runner import Runner
from bot.messaging import Actor, Ask, Place
from bot.parts import signing_key
from bot.settings import Settings, load
from tests.support.messengers import FakeMessenger

FAL = {"FAL_KEY": "0123456789:abcdef0123456789"}
WAVESPEED = {"WAVESPEED_API_KEY": "wsk_8c6f7a9e2d414f6f"}


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def settings(**environ: str) -> Settings:
        return load({"KLINGBOT_DATA": str(tmp_path / "data"), "KLINGBOT_PORT": "0", **environ}, env_file=None)

    return settings


async def fetched(base: str, path: str) -> tuple[int, str]:
    async with (
        ClientSession(connector=TCPConnector(force_close=True)) as client,
        client.get(f"{base}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def asked(app: App, text: str, platform: str = "fake") -> str:
    actor = Actor(platform=platform, workspace="team", user="ben", name="Ben")
    here = Place(platform=platform, workspace="team", channel="general")
    reply = await app.commands.ask(Ask(key=text, actor=actor, place=here, text=text))
    return "" if reply.card is None else f"{reply.card.title}: {reply.card.text}"


async def serve(app: App, when_it_does: Callable[[str], object] = lambda _: None) -> None:
    """Serve for ever, which for a test are ten seconds."""
    async with asyncio.timeout(10) as patience:
        try:
            async with app.serving() as base:
                when_it_does(base)
                await asyncio.Event().wait()
        finally:
            assert not patience.expired()


# wiring


async def test_the_operator_s_prices_and_switches_hold(settings: Callable[..., Settings]) -> None:
    chosen = settings(
        KLINGBOT_WORKSPACES="fake:team", KLINGBOT_PRICES="wavespeed/text/standard=40cr/80cr, fal/text/pro=0.3/0.6",
        KLINGBOT_OFFERS_OFF="fal/text/standard", KLINGBOT_CREDIT_USD="0.01", **FAL, **WAVESPEED,
    )  # fmt: skip
    async with open_app(chosen, messengers={"fake": FakeMessenger()}) as app:
        assert await asked(app, "cost a fox") == "It would cost 40 credits: a fox"
        assert await asked(app, "cost a fox --pro") == "It would cost 30 credits: a fox"
        assert app.house.offers["fal/text/pro"].price.of == {5: 300_000, 10: 600_000}
        assert "has this offer switched off" not in await asked(app, "cost a fox --via wavespeed")
        assert await asked(app, "cost a fox --via fal") == (
            "Nobody here makes this: No provider that is switched on takes all of it. "
            "Without --via, wavespeed takes it for 40 credits. With --pro, fal takes it for 30 credits."
        )


@pytest.mark.parametrize(
    ("keys", "providers"),
    [({}, []), (FAL, ["fal"]), (WAVESPEED, ["wavespeed"]), (FAL | WAVESPEED, ["fal", "wavespeed"])],
)
async def test_a_provider_is_on_when_its_key_is_set(
    settings: Callable[..., Settings], keys: dict[str, str], providers: list[str]
) -> None:
    async with open_app(settings(KLINGBOT_WORKSPACES="fake:team", **keys), messengers={"fake": FakeMessenger()}) as app:
        assert list(app.house.providers) == providers
        assert await asked(app, "cost a fox") == (
            "It would cost at most 56 credits: a fox"
            if providers
            else "Nobody here makes this: No provider that is switched on takes all of it. "
            "vidgo would take it for 45 credits; ask an administrator to switch it on."
        )


async def test_what_the_operator_set_is_what_the_verbs_go_by(settings: Callable[..., Settings]) -> None:
    chosen = settings(
        KLINGBOT_WORKSPACES="fake:team", KLINGBOT_ADMINS="fake:ben", KLINGBOT_MONTHLY_USD="0.1",
        KLINGBOT_CREDIT_USD="0.01", **FAL,
    )  # fmt: skip
    async with open_app(chosen, messengers={"fake": FakeMessenger()}) as app:
        assert "at most 28 credits" in await asked(app, "cost a fox")
        assert (await asked(app, "quota")).startswith("The team's pool")
        assert "may cost $0.10 a month" in await asked(app, "a fox")


async def test_a_platform_without_a_messenger_is_told_so_before_anything_is_held(
    settings: Callable[..., Settings],
) -> None:
    async with open_app(settings(KLINGBOT_WORKSPACES="other:team", **FAL)) as app:
        assert "Nothing can be posted from here" in await asked(app, "a fox", platform="other")
        assert await app.database.read("SELECT * FROM entry") == []


async def test_a_job_asked_for_wakes_the_runner_and_counts_in_the_figures(settings: Callable[..., Settings]) -> None:
    messenger = FakeMessenger()
    async with open_app(settings(KLINGBOT_WORKSPACES="fake:team", **FAL), messengers={"fake": messenger}) as app:
        await app.runner.jobs.alarm.sleep(0)
        assert await asked(app, "a fox --yes") == ""
        async with asyncio.timeout(5):
            await app.runner.jobs.alarm.sleep(600)
        assert [row["state"] for row in await app.database.read("SELECT state FROM job")] == ["queued"]
        assert len(messenger.messages) == 1


@pytest.mark.parametrize(
    ("environ", "alerts"),
    [
        ({}, Place(platform="web", workspace="page", channel="operators")),
        ({"KLINGBOT_WEB": "0"}, None),
        ({"KLINGBOT_ALERTS": "fake:team:ops"}, Place(platform="fake", workspace="team", channel="ops")),
    ],
)
async def test_where_operators_read(
    settings: Callable[..., Settings], environ: dict[str, str], alerts: Place | None
) -> None:
    async with open_app(settings(**environ)) as app:
        assert app.runner._work.alerts == alerts


async def test_what_people_type_reaches_no_private_address_that_a_provider_may_have(
    settings: Callable[..., Settings],
) -> None:
    with socket.socket() as inner:
        inner.bind(("127.0.0.1", 0))
        inner.listen()
        address = f"http://127.0.0.1:{inner.getsockname()[1]}"
        async with open_app(settings(FAL_BASE_URL=address, FAL_REST_URL=address, **FAL)) as app:
            with pytest.raises(AddressRefused):
                await app.house.fetch_picture(f"{address}/fox.jpg")


async def test_the_data_are_closed_to_others_and_thesigning_key_stays(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    links = []
    for _ in range(2):
        async with open_app(settings()):
            links.append((tmp_path / "data" / "signing.key").read_bytes())
    assert links[0] == links[1]
    assert len(links[0]) == 32
    modes = {
        path: stat.S_IMODE((tmp_path / "data" / path).stat().st_mode) for path in ("", "signing.key", "klingbot.db")
    }
    assert modes == {"": 0o700, "signing.key": 0o600, "klingbot.db": 0o600}


@pytest.mark.parametrize("left", [b"", b"half of a key"])
async def test_asigning_key_that_is_cut_short_signs_nothing(
    settings: Callable[..., Settings], tmp_path: Path, left: bytes
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "signing.key").write_bytes(left)
    with pytest.raises(StoreUnavailable) as failed:
        async with open_app(settings()):
            raise AssertionError
    assert failed.value.why == f"{tmp_path / 'data' / 'signing.key'} is cut short"


async def test_asigning_key_that_could_not_be_written_whole_is_none(
    settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bot.parts.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            signing_key(tmp_path)
    assert not (tmp_path / "signing.key").exists()
    assert len(signing_key(tmp_path)) == 32


async def test_one_process_on_the_data_is_alone_a_second_is_not(settings: Callable[..., Settings]) -> None:
    async with open_app(settings()) as first:
        async with open_app(settings()) as second:
            assert (first.alone, second.alone) == (True, False)
        async with open_app(settings()) as third:
            assert not third.alone
    async with open_app(settings()) as later:
        assert later.alone


async def test_nobody_is_alone_beside_the_second_process_when_the_first_has_ended(
    settings: Callable[..., Settings],
) -> None:
    first = open_app(settings())
    await first.__aenter__()
    async with open_app(settings()):
        await first.__aexit__(None, None, None)
        async with open_app(settings()) as third:
            assert not third.alone


async def test_only_a_process_that_is_alone_takes_over_what_another_holds(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []

    async def run(self: Runner, beat: Callable[[str], None], *, alone: bool) -> None:
        told.append(alone)
        await asyncio.Event().wait()

    monkeypatch.setattr(Runner, "run", run)
    async with open_app(settings()) as first, open_app(settings()) as second, first.serving(), second.serving():
        await asyncio.sleep(0)
    assert told == [True, False]


async def test_data_that_cannot_be_used_are_told_before_anything_else(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderNotWritable) as failed:
        async with open_app(settings()):
            raise AssertionError
    assert (failed.value.folder, failed.value.why) == (str(tmp_path / "data"), "File exists")


async def test_data_of_a_newer_klingbot_are_left_alone(settings: Callable[..., Settings]) -> None:
    def newer() -> Any:
        yield "PRAGMA user_version = 99", {}

    async with open_app(settings()) as app:
        await app.database.run(newer)
    with pytest.raises(SchemaTooNew):
        async with open_app(settings()):
            raise AssertionError


# serving


async def test_health_metrics_and_the_page_answer(settings: Callable[..., Settings]) -> None:
    async with open_app(settings()) as app, app.serving() as base:
        status, health = await fetched(base, "/health")
        assert (status, '"ok": true' in health) == (200, True)
        assert [part["name"] for part in json.loads(health)["parts"]] == ["database", "deliveries", "jobs"]
        status, figures = await fetched(base, "/metrics")
        assert status == 200
        assert "klingbot_figures_read 1.0" in figures
        assert "klingbot_ceiling_microusd 5e+07" in figures
        assert (await fetched(base, "/"))[0] == 200


async def test_the_page_can_be_switched_off(settings: Callable[..., Settings]) -> None:
    async with open_app(settings(KLINGBOT_WEB="0")) as app, app.serving() as base:
        assert (await fetched(base, "/"))[0] == 404
        assert (app.web, "web" in app.house.messengers) == (None, False)
        assert (await fetched(base, "/health"))[0] == 200


async def test_a_runner_that_says_nothing_for_half_a_minute_is_red(settings: Callable[..., Settings]) -> None:
    async with open_app(settings()) as app:
        now = app.clock.now()
        assert app.health.report(now + 29_000).ok
        assert not app.health.report(now + 31_000).ok


async def test_without_its_database_it_is_red(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("disk I/O error")

    async with open_app(settings()) as app, app.serving() as base:
        monkeypatch.setattr(app.database, "read", away)
        status, health = await fetched(base, "/health")
        assert (status, '"ok": false' in health) == (503, True)


async def test_a_port_that_is_taken_says_which_and_leaves_nothing_open(settings: Callable[..., Settings]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with open_app(settings(KLINGBOT_PORT=str(port))) as app:
            with pytest.raises(CannotListen) as failed:
                async with app.serving():
                    raise AssertionError
    assert (failed.value.host, failed.value.port) == ("127.0.0.1", port)
    assert failed.value.why.endswith("address already in use")


async def test_a_dead_runner_ends_what_serves(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bases: list[str] = []
    broken = asyncio.Event()

    def serves(base: str) -> None:
        bases.append(base)
        broken.set()

    async def breaks(self: object) -> None:
        await broken.wait()
        raise LookupError("made up")

    monkeypatch.setattr(Runner, "_renew", breaks)
    async with open_app(settings()) as app:
        with pytest.raises(RunnerStopped) as stopped:
            await serve(app, serves)
        assert stopped.value.why == "LookupError"
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        with pytest.raises(OSError, match="Cannot connect"):
            await fetched(bases[0], "/health")
    assert "LookupError: made up" in caplog.text


@pytest.mark.parametrize("how", ["returns", "is cancelled"])
async def test_a_runner_never_ends_by_itself(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async def ends(*_: object, **__: object) -> None:
        if how == "is cancelled":
            raise asyncio.CancelledError

    monkeypatch.setattr(Runner, "run", ends)
    async with open_app(settings()) as app:
        with pytest.raises(RunnerStopped):
            await serve(app)


async def test_a_runner_that_dies_while_the_body_ends_disturbs_nobody(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    dying: list[asyncio.Future[None]] = []

    async def dies(*_: object, **__: object) -> None:
        dying.append(asyncio.get_running_loop().create_future())
        await dying[0]

    monkeypatch.setattr(Runner, "run", dies)
    async with open_app(settings()) as app:
        async with app.serving():
            for _ in range(3):  # until it runs
                await asyncio.sleep(0)
            dying[0].set_exception(LookupError("made up"))
        await asyncio.sleep(0)


async def test_an_error_in_the_body_comes_through_as_it_is(settings: Callable[..., Settings]) -> None:
    async with open_app(settings()) as app:
        with pytest.raises(ZeroDivisionError):
            async with app.serving():
                raise ZeroDivisionError


async def test_being_told_to_stop_is_no_failure_of_the_runner(settings: Callable[..., Settings]) -> None:
    ready = asyncio.Event()
    async with open_app(settings()) as app:
        serving = asyncio.create_task(serve(app, lambda _: ready.set()))
        await ready.wait()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert serving.cancelled()
