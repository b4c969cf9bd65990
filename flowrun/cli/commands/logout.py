"""`flowrun logout`: take what `flowrun login` has kept out of the keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.login import service_of
from flowrun.cli.console import Console
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Take what login has kept out of the keyring.")
@answering("text", "json", "name")
@configured(outside=False)
def logout(console: Console, *, settings: Settings) -> Answer:  # noqa: ARG001 - all commands are given one
    """Take the token, client id, secret and password that the keyring keeps for this context out of it.

    Secrets of workflows stay, and so does what UiPath's own tools left. Tokens that were given out before end by
    themselves.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads nothing

    service = service_of(settings)
    gone = api.remove(service)
    left = [way.text for way in settings.ways() if not way.fault]
    message = f"the keyring has {'no longer ' + ', '.join(gone) if gone else 'nothing'} under {service}"
    if left:
        message += f"; what can sign in still: {'; '.join(left)}"
    return Answer(data={"keyring": service, "removed": list(gone), "others": left}, names=gone, message=message)
