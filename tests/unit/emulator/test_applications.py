from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.emulator.applications import Accounts
from flowrun.emulator.catalog import load_catalog
from flowrun.errors import SpecError

RELEASE = "releases: {Echo: {builtin: echo}}\n"


def load(tmp_path: Path, text: str) -> Accounts:
    (tmp_path / "emulator.yaml").write_text(RELEASE + text)
    return load_catalog(tmp_path / "emulator.yaml").accounts


def test_a_catalog_without_them_says_nothing(tmp_path: Path) -> None:
    accounts = load(tmp_path, "")
    assert (accounts.applications, accounts.users) == (None, None)


def test_short_and_long_forms(tmp_path: Path) -> None:
    accounts = load(
        tmp_path,
        "applications:\n  ci: s3cret\n  Other: {id: 0A, scopes: [OR.Jobs], token_lifetime: 2}\nusers: {Admin: pw}\n",
    )
    assert accounts.applications is not None
    assert accounts.users is not None
    assert accounts.applications["ci"].secret == "s3cret"
    other = accounts.applications["0a"]
    assert (other.id, other.secret, other.scopes, other.lifetime) == ("0A", None, frozenset({"OR.Jobs"}), 2.0)
    assert (accounts.users["admin"].password, accounts.users["admin"].tenant) == ("pw", "default")
    assert "s3cret" not in repr(accounts)
    assert "pw" not in repr(accounts)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("applications: {ci: {secrt: x}}", "FR902", "secret"),
        ("applications: {ci: {federated: [{issuer: i, subject: s}]}}", "FR904", "key"),
        ("applications: {ci: {federated: [{issuer: i, subject: s, key: short}]}}", "FR903", "16"),
        ("applications: {ci: {token_lifetime: 0}}", "FR903", "0"),
        ("users: {admin: {pasword: x, password: y}}", "FR902", "password"),
    ],
)
def test_what_is_wrong_with_them(tmp_path: Path, text: str, code: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, text)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert said in f"{problem.message} {problem.hint}"
