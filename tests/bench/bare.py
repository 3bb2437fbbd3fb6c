"""The baseline of the waiting jobs: the same requests with bare httpx, one client of ten connections, nothing kept."""

import asyncio
from dataclasses import dataclass

import httpx

from tests.bench.figures import Lag, Spent, lagging, spending
from tests.bench.stand_in import MODEL

_CONNECTIONS = 10
_KEY = {"Authorization": "Bearer bench"}


@dataclass(frozen=True)
class Bare:
    """What it took, and how late the loop was."""

    requests: int
    spent: Spent
    lag: Lag


def bare(base: str, jobs: int) -> Bare:
    """Submit, look until it is done, download: so many times."""
    return asyncio.run(_bare(base, jobs))


async def _bare(base: str, jobs: int) -> Bare:
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    numbers, requests = iter(range(jobs)), 0
    async with httpx.AsyncClient(base_url=base, headers=_KEY, limits=limits, trust_env=False) as client:

        async def work() -> int:
            return sum([await _one(client, number) for number in numbers])

        await _one(client, -1)
        async with lagging() as lag:
            with spending() as spent:
                requests = sum(await asyncio.gather(*(work() for _ in range(_CONNECTIONS))))
    return Bare(requests, spent, lag)


async def _one(client: httpx.AsyncClient, number: int) -> int:
    """One job's requests; answers with how many they were."""
    body = {
        "prompt": f"a red fox, number {number}", "guidance_scale": 0.5, "negative_prompt": "", "duration": 5,
    }  # fmt: skip
    answer = await client.post(f"/api/v3/{MODEL}", json=body)
    name, requests = answer.json()["data"]["id"], 1
    outputs: list[str] = []
    while not outputs:
        answer = await client.get(f"/api/v3/predictions/{name}/result")
        outputs, requests = answer.json()["data"]["outputs"], requests + 1
    await client.get(outputs[0])
    return requests + 1
