"""Pending reasons: why Orchestrator would let a Job wait, in words (JobPendingReasons of WebApi 20)."""

from __future__ import annotations

import re

from flowrun.orchestrator.wire import Validation

_WORDS = {
    "RobotNotAssignedToFolder": "the robot is not assigned to the folder",
    "RobotNotFound": "no robot can be found for it",
    "RobotNoCredentials": "the robot has no credentials",
    "RobotBusy": "the robot is busy",
    "RobotConcurrencyLimit": "the robot runs as many Jobs at once as it may",
    "RobotNoMatchingUsernames": "no robot has the user name that is asked for",
    "RobotVersionTooLow": "the robot is too old for it",
    "TemplateNoRuntime": "the machines of the folder have no runtime of this type",
    "TemplateNoHostsAvailable": "no machine of the folder is connected",
    "TemplateNoLicense": "the machines of the folder have no license for this runtime",
    "TemplateFullCapacity": "all runtimes of the folder's machines are in use",
    "TemplateNotAssignedToFolder": "the machine is not assigned to the folder",
    "TemplateMaintenanceMode": "the machines of the folder are in maintenance",
    "DynamicJobAccountCredentialsInvalid": "the account's credentials are missing or wrong",
    "DynamicJobForegroundAutomationTypeInvalid": "a foreground automation needs another runtime or account",
    "DynamicJobBackgroundAutomationTypeInvalid": "a background automation needs another runtime or account",
    "DynamicJobWindowsTargetFrameworkInvalid": "the package is for Windows, and no such machine is there",
    "DynamicJobCrossPlatformTargetFrameworkInvalid": "the package is cross-platform, and no such machine is there",
    "DynamicJobConnectedMachinesInvalid": "no machine that is connected can run it",
    "DynamicJobConnectedMachinesUserCredentialsInvalid": "no machine that is connected takes the account's credentials",
    "DynamicJobConnectedMachinesCrossPlatformRobotVersionInvalid": "the connected robots are too old for the package",
    "DynamicJobConnectedMachinesWindowsRobotVersionInvalid": "the connected robots are too old for the package",
}


def reasons(said: Validation) -> tuple[str, ...]:
    """Each in words with its code. What the server finds wrong beyond these is not about waiting, and left out."""
    return tuple(f"{_WORDS.get(code, _spaced(code))} ({code})" for code in dict.fromkeys(said.error_codes))


def _spaced(code: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code).lower()
