"""Exports: a list of Jobs as a CSV file, made in the background (API facts 6)."""

from __future__ import annotations

import csv
import io

from flowrun.emulator.blobs import READ
from flowrun.emulator.call import ApiError, Call, Reply
from flowrun.emulator.entities import Job, iso
from flowrun.emulator.files import Export, TooManyExports
from flowrun.emulator.handlers import jobs, reading
from flowrun.emulator.handlers.attachments import blob_access
from flowrun.emulator.properties import EXPORT, JOB, priority_word

COLUMNS = (
    *("Id", "Key", "Process", "State", "Priority", "Robot", "Machine", "Created", "Started", "Ended"),
    *("Source", "Folder", "Reference", "Info"),
)
"""The header of the file. The real one's columns are documented nowhere."""


def create(call: Call) -> Reply:
    """`POST /odata/Jobs/….Export` with the query options of a list: 200 with an export that is New."""
    filter_ = reading.filter_of(call, JOB)
    found = reading.chosen(call, JOB, jobs.shown(call, filter_), filter_)
    profile = call.tenant.profile
    failed = call.tenant.faults.passive("Export", "failed_export") is not None
    try:
        data = _csv(found).encode()
        export = call.tenant.files.export(data, profile.export_seconds, profile.exports_per_day, failed=failed)
    except TooManyExports:
        text = f"The daily limit of {profile.exports_per_day} exports per tenant has been reached."
        raise ApiError(409, 4502, text) from None
    return Reply(200, {"@odata.context": call.context("Exports/$entity"), **EXPORT.project((export, export.requested))})


def single(call: Call) -> Reply:
    """`GET /odata/Exports({id})`."""
    return reading.single(call, EXPORT, (_found(call), call.tenant.store.clock()), "Export")


def download_link(call: Call) -> Reply:
    """`GET /odata/Exports({id})/….GetDownloadLink`: the address of the CSV, once the export is Completed."""
    export = _found(call)
    if export.failed or export.ready > call.tenant.store.clock():
        raise ApiError(409, 1017, "The export is not completed.")
    access = blob_access(call, call.tenant.files.blobs.address(export.blob, READ), "GET")
    return Reply(200, {"@odata.context": call.context("UiPath.Server.Configuration.OData.BlobFileAccessDto"), **access})


def _found(call: Call) -> Export:
    export = call.tenant.files.find_export(reading.number(call.key))
    if export is None:
        raise ApiError(404, 1002, "Export does not exist.")
    return export


def _csv(found: list[Job]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for job in found:
        robot = job.robot
        writer.writerow(
            (
                *(job.id, job.key, job.release.name, job.state, priority_word(job.priority)),
                *(robot.name if robot else "", robot.machine if robot else ""),
                *(iso(job.created), iso(job.started), iso(job.ended)),
                *(job.source, job.folder.path, job.reference, job.info),
            )
        )
    return out.getvalue()
