"""What whoever runs the tests has set for flowrun is none of the tests' business, unless a test sets it itself."""

from __future__ import annotations

from collections.abc import Mapping

_PREFIXES = ("UIPATH_", "FLOWRUN_", "TEMPORAL_")
_OTHERS = {
    # where flowrun runs: nobody answers there, more is locked, and summaries are written
    *("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL"),
    *("AGENT_TEMPDIRECTORY", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"),
    # as whom
    *("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "AZURE_FEDERATED_TOKEN_FILE"),
    *("SYSTEM_ACCESSTOKEN", "SYSTEM_OIDCREQUESTURI", "UNATTENDED_USER_ACCESS_TOKEN"),
    # what it looks like
    *("CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "NO_COLOR"),
}
_OF_NETWORK = {"HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "https_proxy", "no_proxy"}
"""How this machine reaches others: the tests' own tools need it where they install something, flowrun never does."""

_OF_TESTS = {"FLOWRUN_WRITE_GOLDEN"}


def read_by_flowrun(name: str) -> bool:
    """Whether a variable of this name says something to flowrun."""
    return name in _OTHERS or (name.startswith(_PREFIXES) and name not in _OF_TESTS)


def plain(environ: Mapping[str, str]) -> dict[str, str]:
    """What a process of flowrun finds around it in a test."""
    return {name: value for name, value in environ.items() if not read_by_flowrun(name) and name not in _OF_NETWORK}


def known(name: str) -> bool:
    """Whether the tests have thought of this variable."""
    return read_by_flowrun(name) or name in _OF_NETWORK
