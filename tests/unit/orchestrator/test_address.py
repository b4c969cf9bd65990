from __future__ import annotations

from typing import Any

import pytest

from flowrun.errors import UsageError
from flowrun.orchestrator.address import Address, address_of

CLOUD = Address("https://cloud.uipath.com/acme/prod/orchestrator_", "https://cloud.uipath.com/identity_/connect/token")


@pytest.mark.parametrize(
    "url",
    [
        "https://cloud.uipath.com/acme/prod",
        "https://cloud.uipath.com/acme/prod/",
        "https://cloud.uipath.com/acme/prod/orchestrator_",
        "https://cloud.uipath.com/acme/prod/orchestrator_/",
        "https://cloud.uipath.com/acme/prod/orchestrator_//odata/Jobs",
        "https://cloud.uipath.com/acme/prod/portal_/home",
    ],
)
def test_forms_of_the_cloud(url: str) -> None:
    assert address_of(url) == CLOUD


@pytest.mark.parametrize(
    ("url", "api", "tokens"),
    [
        ("https://suite.acme.com/org/ten", "https://suite.acme.com/org/ten/orchestrator_", "identity_"),
        ("https://orchestrator.acme.com", "https://orchestrator.acme.com", "identity"),
        ("https://orchestrator.acme.com:8443/", "https://orchestrator.acme.com:8443", "identity"),
        ("https://acme.com/orchestrator", "https://acme.com/orchestrator", "identity"),
        ("https://acme.com/odata/", "https://acme.com", "identity"),
        ("https://orchestrator.acme.com/api/Status/Get", "https://orchestrator.acme.com", "identity"),
        ("https://orchestrator.acme.com/identity/connect/token", "https://orchestrator.acme.com", "identity"),
        ("https://suite.acme.com/org/ten/odata/Jobs", "https://suite.acme.com/org/ten/orchestrator_", "identity_"),
        ("https://govcloud.uipath.us/org/ten", "https://govcloud.uipath.us/org/ten/orchestrator_", "identity_"),
        ("http://127.0.0.1:80/orchestrator_", "http://127.0.0.1:80/orchestrator_", "identity_"),
    ],
)
def test_suites_and_standalone_servers(url: str, api: Any, tokens: Any) -> None:
    address = address_of(url)
    assert address.api == api
    assert address.tokens.endswith(f"/{tokens}/connect/token")


@pytest.mark.parametrize("url", ["", "cloud.uipath.com/a/b", "ftp://host/a/b", "https:///a/b"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(UsageError, match="not the URL"):
        address_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://cloud.uipath.com",
        "https://govcloud.uipath.us/acme",
        "https://cloud.uipath.com/acme/portal_/home",
        "https://cloud.uipath.com/orchestrator_",
        "https://suite.acme.com/org/portal_",
    ],
)
def test_the_cloud_needs_a_tenant(url: str) -> None:
    with pytest.raises(UsageError, match="no organization and tenant"):
        address_of(url)


def test_the_former_address_of_the_cloud_is_refused() -> None:
    with pytest.raises(UsageError, match="former address") as caught:
        address_of("https://platform.uipath.com/acme/prod")
    assert "cloud.uipath.com" in (caught.value.hint or "")


def test_a_standalone_server_knows_users_and_tenants() -> None:
    address = address_of("https://orchestrator.acme.com/odata")
    assert address.standalone
    assert address.users == "https://orchestrator.acme.com/api/Account/Authenticate"
    assert not CLOUD.standalone
