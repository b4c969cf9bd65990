from __future__ import annotations

import csv

from flowrun.cli.commands.jobs.table import COLUMNS, as_csv, lines, local, one_line

JOB = {
    "id": 1,
    "key": "k",
    "state": "Faulted",
    "release_name": "Post",
    "robot": {"name": "anna"},
    "machine": None,
    "host_machine_name": "host",
    "creation_time": "2018-02-22T10:00:00.837Z",
    "end_time": None,
    "info": 'Logon\r\nfailure, "again"\x1b[31m',
}


def test_a_line_holds_nothing_that_a_terminal_acts_on() -> None:
    text = lines([JOB])
    assert text.endswith('Logon failure, "again"?[31m')
    assert text.startswith("1  Faulted  Post  anna  2018-02-22 ")


def test_no_jobs_are_no_lines() -> None:
    assert lines([]) == ""


def test_csv_keeps_what_the_robot_said() -> None:
    (row,) = csv.DictReader(as_csv([JOB]).splitlines(keepends=True))
    assert tuple(row) == COLUMNS
    assert (row["robot"], row["machine"], row["end_time"], row["info"]) == ("anna", "host", "", JOB["info"])


def test_long_texts_are_cut() -> None:
    assert len(one_line("x" * 500)) == 80
    assert one_line(None) == ""


def test_a_moment_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert (local("soon"), local(None)) == ("soon", "")
