from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.emulator.webhooks import Webhook, Webhooks, is_loopback


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/a", "https://localhost:9/", "http://[::1]:80/x?y", "http://127.9.9.9"]
)
def test_addresses_of_this_machine(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1",
        "ftp://127.0.0.1/",
        "http://10.0.0.1/",
        "http://localhost.example/",
        "http://127.0.0.1.example/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1\\@10.0.0.1/",
        "http://10.0.0.1#@127.0.0.1/",
        "http://10.0.0.1\\.127.0.0.1/",
        "http://127.0.0.1:80:90/",
        "http://127.0.0.1/a HTTP/1.1",
        "http://127.0.0.1/a\r\nX: y",
        "http://127.0.0.1/\x00",
        "http://127.0.0.1/\u2028",
        "http://①②⑦.0.0.1/",
        "gopher://127.0.0.1/",
        "//127.0.0.1/",
    ],
)
def test_other_addresses(url: str) -> None:
    assert not is_loopback(url)


def test_ids_are_not_given_twice(tmp_path: Path) -> None:
    webhooks = Webhooks(tmp_path / "webhooks.json")
    first = webhooks.add(Webhook(0, "", "a", "http://127.0.0.1/"))
    webhooks.remove(first.id)
    again = Webhooks(tmp_path / "webhooks.json")
    assert again.add(Webhook(0, "", "b", "http://127.0.0.1/", events=("job.created",))).id == 2
    assert Webhooks(tmp_path / "webhooks.json").listed() == again.listed()
