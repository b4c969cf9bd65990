from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.unit.emulator.conftest import START, Serve, Served

COPY = "import json, sys; print(json.dumps({'text': json.load(sys.stdin)['text']}))"


async def attach(served: Served, data: bytes) -> str:
    """The id of a new attachment with these bytes, written as a client writes them."""
    answer = await served.http.post("/odata/Attachments", json={"Name": "arguments.json"})
    assert answer.status_code == 201
    access = answer.json()["BlobFileAccess"]
    assert (access["Verb"], access["RequiresAuth"]) == ("PUT", False)
    headers = dict(zip(access["Headers"]["Keys"], access["Headers"]["Values"], strict=True))
    async with httpx.AsyncClient(trust_env=False, verify=False) as stranger:
        written = await stranger.put(access["Uri"], content=data, headers=headers)
    assert written.status_code == 201, written.text
    return str(answer.json()["Id"])


async def content(served: Served, attachment: str) -> bytes:
    """The bytes behind an attachment."""
    access = (await served.http.get(f"/odata/Attachments({attachment})")).json()["BlobFileAccess"]
    assert access["Verb"] == "GET"
    async with httpx.AsyncClient(trust_env=False, verify=False) as stranger:
        answer = await stranger.get(access["Uri"])
    assert answer.status_code == 200
    return answer.content


async def test_large_arguments_come_as_a_file(serve: Serve, program: Callable[[str], str]) -> None:
    served = await serve(program("import json, sys; print(json.dumps({'length': len(json.load(sys.stdin)['text'])}))"))
    text = "ü" * 600_000
    attachment = await attach(served, json.dumps({"text": text}, ensure_ascii=False).encode())
    job = await served.until(await served.start_one("Program", InputFile=attachment))
    assert (job["State"], job["InputArguments"], job["InputFile"]) == ("Successful", None, attachment)
    assert job["OutputArguments"] == '{"length": 600000}'


async def test_an_output_over_the_limit_is_an_attachment(serve: Serve, program: Callable[[str], str]) -> None:
    served = await serve(program(COPY))
    fits = {"text": "x" * (10_000 - len('{"text": ""}'))}
    assert len((await served.run("Program", fits))["OutputArguments"] or "") == 10_000
    attachment = await attach(served, json.dumps({"text": "x" * 9_999}).encode())
    job = await served.until(await served.start_one("Program", InputFile=attachment))
    assert (job["State"], job["OutputArguments"]) == ("Successful", None)
    assert json.loads(await content(served, job["OutputFile"])) == {"text": "x" * 9_999}
    (listed,) = (await served.http.get(f"/odata/Jobs?$filter=Id eq {job['Id']}")).json()["value"]
    assert (listed["InputFile"], listed["OutputFile"]) == (None, None)


async def test_an_old_robot_drops_a_large_output(serve: Serve, program: Callable[[str], str]) -> None:
    text = "orchestrator: {large_outputs: drop}\n" + program("print('{\"text\": \"' + 'x' * 20000 + '\"}')")
    job = await (await serve(text)).run("Program")
    assert (job["State"], job["OutputArguments"], job["OutputFile"]) == ("Successful", None, None)


async def test_an_input_file_that_is_unknown_unwritten_or_no_json(served: Served) -> None:
    unknown = {"ReleaseName": "Echo", "InputFile": "1b671a64-40d5-491e-99b0-da01ff1f3341"}
    answer = await served.http.post(START, json={"startInfo": unknown})
    assert (answer.status_code, answer.json()["errorCode"]) == (404, 1002)
    empty = (await served.http.post("/odata/Attachments", json={"Name": "a"})).json()["Id"]
    job = await served.until(await served.start_one("Echo", InputFile=empty))
    assert (job["State"], "was never written" in job["Info"]) == ("Faulted", True)
    job = await served.until(await served.start_one("Echo", InputFile=await attach(served, b"\xff\xfe")))
    assert (job["State"], "is not UTF-8" in job["Info"]) == ("Faulted", True)
    job = await served.until(await served.start_one("Echo", InputFile=await attach(served, b"[]")))
    assert (job["State"], "not an object" in job["Info"]) == ("Faulted", True)


async def test_attachments_are_listed_and_deleted(served: Served) -> None:
    first, second = await attach(served, b"{}"), await attach(served, b"{}")
    found = (await served.http.get("/odata/Attachments?$filter=Name eq 'arguments.json'")).json()["value"]
    assert {item["Id"] for item in found} == {first, second}
    assert (await served.http.delete(f"/odata/Attachments({first})")).status_code == 204
    assert (await served.http.get(f"/odata/Attachments({first})")).status_code == 404
    assert (await served.http.get(f"/odata/Attachments('{second.upper()}')")).status_code == 200


async def test_a_name_is_needed(served: Served) -> None:
    for name in (None, "", "x" * 257, 7):
        answer = await served.http.post("/odata/Attachments", json={"Name": name})
        assert (answer.status_code, answer.json()["errorCode"]) == (400, 1000)


async def test_attachments_survive_a_restart(serve: Serve, tmp_path: Path) -> None:
    served = await serve(state=tmp_path / "state")
    kept, gone = await attach(served, b'{"a": 1}'), await attach(served, b"{}")
    await served.http.delete(f"/odata/Attachments({gone})")
    await served.emulator.aclose()
    again = await serve(state=tmp_path / "state")
    assert await content(again, kept) == b'{"a": 1}'
    assert (await again.http.get(f"/odata/Attachments({gone})")).status_code == 404
    assert (tmp_path / "state" / "blobs" / kept).stat().st_mode & 0o077 == 0
