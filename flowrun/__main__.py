"""`python -m flowrun`, and the command `flowrun`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from flowrun.cli.main import entry  # noqa: PLC0415 - nothing may be imported before it is needed

    entry()


if __name__ == "__main__":
    main()
