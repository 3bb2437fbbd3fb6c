import asyncio
import threading

from bot.media.pool import AT_ONCE, in_pool


async def test_no_more_than_two_pictures_are_worked_on_at_a_time() -> None:
    most, now, lock, inside, go = 0, 0, threading.Lock(), threading.Semaphore(0), threading.Event()

    def work(number: int, *, times: int) -> int:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        inside.release()
        go.wait(60)
        with lock:
            now -= 1
        return number * times

    tasks = [asyncio.create_task(in_pool(work, number, times=2)) for number in range(12)]
    for _ in range(AT_ONCE):
        assert await asyncio.to_thread(inside.acquire, timeout=60)  # on the default pool, which goes on meanwhile
    go.set()
    assert await asyncio.gather(*tasks) == [number * 2 for number in range(12)]
    assert most == AT_ONCE == 2
