"""
A process that runs one flow and its child on the durable engine, to be killed.

Usage: engine_process.py FOLDER [URL]. Each step body adds its name to FOLDER/entered
and hangs while there is a file FOLDER/hold-NAME. The result goes to FOLDER/result.
With URL, a PostgreSQL database, the process is one replica of several, and says
in FOLDER/ready-PID that it works.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from punchingfist.adapters.durable.dbos_engine import DbosDurable
from punchingfist.adapters.durable.postgres import lease_engine, postgres_engine
from punchingfist.adapters.durable.replica import Pace, Replica
from punchingfist.adapters.durable.sqlite import sqlite_engine
from punchingfist.domain.json import Json, JsonObject
from punchingfist.ports.durable import DELIVERIES, Ctx, Start, StepBody

PACE = Pace(lease=4, beat=0.3, fence=3)


def body(folder: Path, name: str) -> StepBody:
    async def enter() -> Json:
        with (folder / "entered").open("a") as entered:
            entered.write(f"{name}\n")
        if (folder / f"hold-{name}").exists():
            await asyncio.Event().wait()
        return f"{name} by {os.getpid()}"

    return enter


def engine(folder: Path, url: str | None) -> DbosDurable:
    if url is None:
        return DbosDurable(sqlite_engine(folder / "fist.db"), poll_seconds=0.05)
    replica = Replica(lease_engine(url), pace=PACE)
    return DbosDurable(postgres_engine(url), poll_seconds=0.05, replica=replica)


async def main(folder: Path, url: str | None = None) -> None:
    async def parent(ctx: Ctx, payload: JsonObject) -> Json:
        results = [await ctx.step(f"s{n}", body(folder, f"s{n}")) for n in range(4)]
        child = await ctx.child(Start("c1", "child", {}, queue=DELIVERIES))
        results.append((await child.ended()).result)
        return [*results, await ctx.step("last", body(folder, "last"))]

    async def child(ctx: Ctx, payload: JsonObject) -> Json:
        await ctx.step("c0", body(folder, "c0"))
        return await ctx.step("c1", body(folder, "c1"))  # type: ignore[no-any-return]

    durable = engine(folder, url)
    await durable.launch({"parent": parent, "child": child})
    await durable.start(Start("p1", "parent", {}))
    (folder / f"ready-{os.getpid()}").touch()
    ended = await durable.ended("p1")
    (folder / "result").write_text(json.dumps([ended.result, ended.error]))
    await durable.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
