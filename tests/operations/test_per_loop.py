import asyncio
import threading

from punchingfist.operations.per_loop import PerLoop


class Thing:
    def __init__(self) -> None:
        self.closed_in: asyncio.AbstractEventLoop | None = None

    async def close(self) -> None:
        self.closed_in = asyncio.get_running_loop()


async def test_each_loop_has_its_own_and_keeps_it() -> None:
    things = PerLoop(Thing)
    others: list[Thing] = []

    async def take() -> None:
        others.append(things.get())

    other = threading.Thread(target=asyncio.run, args=(take(),))
    other.start()
    await asyncio.to_thread(other.join)

    assert things.get() is things.get()
    assert others[0] is not things.get()


async def test_closing_reaches_the_other_running_loops() -> None:
    things = PerLoop(Thing)
    loop = asyncio.new_event_loop()
    other = threading.Thread(target=loop.run_forever)
    other.start()

    async def take() -> Thing:
        return things.get()

    theirs = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(take(), loop))
    mine = things.get()
    await things.close(Thing.close)
    loop.call_soon_threadsafe(loop.stop)
    await asyncio.to_thread(other.join)
    loop.close()

    assert mine.closed_in is asyncio.get_running_loop()
    assert theirs.closed_in is loop
    assert things.get() is not mine
