"""Transaction scripts: everything that must happen together, as a generator of statements.

A script yields `(sql, params)` and is sent the rows back. It does no I/O, takes time and ids as arguments and may be
run again from the start, so it is handed over as the function that makes the generator. Its SQL is what SQLite 3.40 and
PostgreSQL 15 share, with `:name` parameters. A script that moves credits first locks its team's held account.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")


class Row(Protocol):
    """One row of an answer; its columns by name."""

    def __getitem__(self, name: str, /) -> Any: ...


Statement: TypeAlias = tuple[str, Mapping[str, Any]]
Script: TypeAlias = Generator[Statement, Sequence[Row], T]


def one(rows: Sequence[Row]) -> Row:
    """The only row. Raises LookupError where there is none, or more."""
    if len(rows) != 1:
        raise LookupError(len(rows))
    return rows[0]


def first(rows: Sequence[Row]) -> Row | None:
    """The first row, None where there is none."""
    return rows[0] if rows else None
