"""An adapter's memory without a database."""

import json

from bot.messaging.protocols import Json


class FakeMemory:
    """Implements `bot.messaging.Memory`; values go through JSON, as they do in the true one."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    async def get(self, key: str) -> Json | None:
        return self._value(key) if key in self.rows else None

    async def put(self, key: str, value: Json) -> None:
        self.rows[key] = json.dumps(value)

    async def add(self, key: str, value: Json) -> Json:
        self.rows.setdefault(key, json.dumps(value))
        return self._value(key)

    async def delete(self, key: str) -> None:
        self.rows.pop(key, None)

    async def scan(self, prefix: str, *, after: str = "", limit: int = 1_000) -> list[tuple[str, Json]]:
        keys = sorted(key for key in self.rows if key.startswith(prefix) and key > after)
        return [(key, self._value(key)) for key in keys[:limit]]

    def _value(self, key: str) -> Json:
        value: Json = json.loads(self.rows[key])
        return value
