"""`python -m tests.figures [MEASURE ...] [--runs N]`: measure, remember, and write the table of README and page.

Measures are `counted`, `seeds`, `exhaustive`, `planted`, `naive` and `resume`. Without one nothing is measured, and the
pages are written from what is remembered in `measured.json`.
"""

from __future__ import annotations

import argparse
import logging

from tests.figures import measures, pages


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(measures.MEASURES))
    parser.add_argument("--runs", type=int, default=200, help="how many seeds, for what is measured by seeds")
    asked = parser.parse_args()
    logging.getLogger("flowrun").setLevel(logging.CRITICAL + 1)
    for name in asked.measures:
        pages.remember(name, measures.MEASURES[name](asked.runs))
    if missing := sorted(measures.MEASURES.keys() - pages.remembered().keys()):
        print(f"not measured yet, so nothing is written: {', '.join(missing)}")
        return
    for page, text in pages.written().items():
        page.write_text(text)


main()
