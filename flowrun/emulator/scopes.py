"""Which scope an operation needs (API facts, 1.2). A token that was asked for with scopes may do what they say."""

from __future__ import annotations

from collections.abc import Mapping

FREE = frozenset({"OR.Default"})
"""Scopes by which the roles of the account decide: here, all of them."""

_READ: Mapping[str, tuple[str, ...]] = {
    "OR.Jobs": ("Jobs", "Job", "JobByKey", "ProcessSchedules", "ProcessSchedule", "GetRobotIdsForSchedule"),
    "OR.Execution": ("Releases", "Release", "ListReleases"),
    "OR.Robots": ("Robots", "Robot", "GetRobotsFromFolder"),
    "OR.Queues": ("QueueDefinitions",),
    "OR.Folders": ("Folders", "Folder", "FolderByKey", "GetAllForCurrentUser", "Attachments", "Attachment"),
    "OR.Webhooks": ("Webhooks", "Webhook", "GetEventTypes"),
}
_WRITE: Mapping[str, tuple[str, ...]] = {
    "OR.Jobs": (
        "StartJobs", "StopJobs", "StopJob", "RestartJob", "ResumeJob", "ValidateDynamicJob", "ValidateExistingJob",
        "Export",
    ),
    "OR.Execution": ("UpdateRelease",),
    "OR.Folders": ("CreateAttachment", "DeleteAttachment"),
    "OR.Webhooks": ("CreateWebhook", "UpdateWebhook", "DeleteWebhook", "PingWebhook"),
}  # fmt: skip
_NEEDED = {
    operation: (family, f"{family}.{kind}")
    for kind, table in (("Read", _READ), ("Write", _WRITE))
    for family, operations in table.items()
    for operation in operations
}


def allows(scopes: frozenset[str] | None, operation: str) -> bool:
    """Whether a token with these scopes may do it. None is a token without any limit."""
    return (
        scopes is None or bool(scopes & FREE) or operation not in _NEEDED or not scopes.isdisjoint(_NEEDED[operation])
    )
