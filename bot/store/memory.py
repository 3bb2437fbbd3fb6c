"""Small JSON values by key, kept for one adapter."""

import json

from bot.messaging.protocols import Json
from bot.store.database import Database
from bot.store.scripts import Script, first, one

GET = "SELECT value FROM memory WHERE key = :key"
PUT = "INSERT INTO memory (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
ADD = "INSERT INTO memory (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING"
DELETE = "DELETE FROM memory WHERE key = :key"
SCAN = "SELECT key, value FROM memory WHERE key > :after AND key >= :low AND key < :high ORDER BY key LIMIT :limit"
LAST = "\U0010ffff"


class Memory:
    """The `Memory` of `bot.messaging` over the database. An adapter sees the keys under its own `prefix` only."""

    def __init__(self, database: Database, prefix: str) -> None:
        if not prefix.isalnum():  # the colon after it keeps adapters apart
            raise ValueError(prefix)
        self._database = database
        self._before = f"{prefix}:"

    async def get(self, key: str) -> Json | None:
        """The value, or None."""
        row = first(await self._database.read(GET, {"key": self._before + key}))
        return None if row is None else _value(row["value"])

    async def put(self, key: str, value: Json) -> None:
        """Set the value."""
        await self._database.run(_write, PUT, self._before + key, json.dumps(value))

    async def add(self, key: str, value: Json) -> Json:
        """Set the value unless there is one; answers with the value that stands afterwards."""
        return _value(await self._database.run(_write, ADD, self._before + key, json.dumps(value)))

    async def delete(self, key: str) -> None:
        """Forget the key; unknown is fine."""
        await self._database.run(_delete, self._before + key)

    async def scan(self, prefix: str, *, after: str = "", limit: int = 1_000) -> list[tuple[str, Json]]:
        """Keys with the prefix and their values, in the order of the keys, those beyond `after` only."""
        low = self._before + prefix
        rows = await self._database.read(
            SCAN, {"low": low, "high": low + LAST, "after": self._before + after, "limit": limit}
        )
        return [(row["key"].removeprefix(self._before), _value(row["value"])) for row in rows]


def _write(sql: str, key: str, value: str) -> Script[str]:
    yield sql, {"key": key, "value": value}
    stands: str = one((yield GET, {"key": key}))["value"]
    return stands


def _delete(key: str) -> Script[None]:
    yield DELETE, {"key": key}


def _value(text: str) -> Json:
    value: Json = json.loads(text)
    return value
