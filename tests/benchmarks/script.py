"""The script that people write today: topological order, one StartJobs for each step, one poll loop for each Job.

It journals nothing, looks nothing up, and cannot be resumed. Reads `{"needs", "seconds", "poll"}` as JSON on standard
input: the edges, how long the Jobs wait (those that are not named end at once), and seconds between two polls.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

import httpx

ODATA = "UiPath.Server.Configuration.OData"


async def main() -> None:
    work_list = json.load(sys.stdin)
    needs: dict[str, list[str]] = work_list["needs"]
    seconds: dict[str, int] = work_list["seconds"]
    headers = {
        "Authorization": f"Bearer {os.environ['UIPATH_ACCESS_TOKEN']}",
        "X-UIPATH-FolderPath": os.environ["UIPATH_FOLDER_PATH"],
    }
    base = os.environ["UIPATH_URL"] + "/orchestrator_/odata"
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=60, trust_env=False) as client:
        done = {step: asyncio.Event() for step in needs}

        async def work(step: str) -> None:
            for need in needs[step]:
                await done[need].wait()
            info = {
                "ReleaseName": "Wait" if step in seconds else "Echo",
                "Strategy": "ModernJobsCount",
                "JobsCount": 1,
                "InputArguments": json.dumps({"seconds": seconds[step]} if step in seconds else {"in_Step": step}),
            }
            reply = await client.post(f"{base}/Jobs/{ODATA}.StartJobs", json={"startInfo": info})
            reply.raise_for_status()
            job = reply.json()["value"][0]["Id"]
            while True:
                await asyncio.sleep(work_list["poll"])
                state = (await client.get(f"{base}/Jobs({job})")).json()["State"]
                if state in {"Successful", "Faulted", "Stopped"}:
                    break
            done[step].set()

        await asyncio.gather(*(work(step) for step in needs))


if __name__ == "__main__":
    asyncio.run(main())
