"""The threads that pictures are decoded on: two of their own, so that memory is bounded and nothing else waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 2
"""Pictures in memory at a time: one of 60 megapixels takes about 200 MB."""

_POOL = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures")


async def in_pool(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run it off the event loop; the others wait their turn without taking a thread from anybody."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, partial(work, *args, **kwargs))
