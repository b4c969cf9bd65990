"""Paper: what all pictures in SVG have in common: their frame, their two themes, their letters.

Colours of the light theme are attributes, so that a viewer without CSS shows them; the dark ones come by a style for
who prefers dark. No script, no font, nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from flowrun.pictures.state import DARK, LIGHT, State
from flowrun.pictures.words import BOLD, escaped, width

MARGIN = 20.0
HEAD = 16.0
SMALL = 11.5
_FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
_LEADING = 17.0


def number(value: float) -> str:
    """As short as it can be to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


class Paper:
    """A picture in the making: elements, and how far down it goes. `headed`: title and words are written on it."""

    def __init__(self, name: str, title: str, words: str, room: float, *, headed: bool = True) -> None:
        self._name = name
        self._title = title
        self._words = words
        self._room = room
        self._body: list[str] = []
        self.y = MARGIN
        if headed:
            self._head()

    def _head(self) -> None:
        for line in wrapped(self._title, HEAD * BOLD, self._room):
            self.write(MARGIN, self.y + HEAD, line, size=HEAD, bold=True)
            self.y += HEAD + 6
        for line in wrapped(self._words, SMALL, self._room):
            self.write(MARGIN, self.y + 13, line, size=SMALL, faint=True)
            self.y += _LEADING
        self.y += 14

    def add(self, *elements: str) -> None:
        """Elements, one a line."""
        self._body += elements

    def write(
        self, x: float, y: float, text: str, *, size: float, bold: bool = False, faint: bool = False, end: bool = False
    ) -> None:
        """A line of text on the paper itself."""
        self.add(letters(x, y, text, size=size, bold=bold, end=end, kind="faint" if faint else "ink"))

    def remarks(self, lines: Iterable[str]) -> None:
        """Small print at the foot."""
        for one in lines:
            for line in wrapped(one, SMALL, self._room):
                self.write(MARGIN, self.y + 13, line, size=SMALL, faint=True)
                self.y += _LEADING

    def finished(self) -> str:
        """The whole as an XML element, with a line break at its end."""
        wide, high = number(self._room + 2 * MARGIN), number(self.y + MARGIN)
        size = f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
        told = f'role="img" aria-labelledby="{self._name}-title {self._name}-words"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {told} font-family="{_FONT}">',
            f'<title id="{self._name}-title">{escaped(self._title)}</title>',
            f'<desc id="{self._name}-words">{escaped(self._words)}</desc>',
            f"<style>{_DARK}</style>",
            f'<rect class="fr-paper" width="{wide}" height="{high}" fill="{LIGHT.paper}"/>',
            *self._body,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def letters(
    x: float, y: float, text: str, *, size: float, bold: bool = False, end: bool = False, kind: str = "ink"
) -> str:
    """A line of text. `kind`: `ink` or `faint` on the paper, or the name of a state's class in its box."""
    colors = {"ink": LIGHT.ink, "faint": LIGHT.faint}
    fill = colors.get(kind) or _INKS[kind]
    weight = ' font-weight="600"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    name = f"fr-{kind}" if kind in colors else f"fr-{kind}-ink"
    return (
        f'<text class="{name}" x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{weight}{anchor} '
        f'fill="{fill}">{escaped(text)}</text>'
    )


def line(points: str, *, kind: str = "line", thick: float = 1.0, dashes: str = "") -> str:
    """A path that is not filled. `kind`: `line`, `ink` or `faint`."""
    colors = {"ink": LIGHT.ink, "faint": LIGHT.faint, "line": LIGHT.line}
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path class="fr-{kind}-stroke" d="{points}" fill="none" stroke="{colors[kind]}" '
        f'stroke-width="{number(thick)}"{dashed}/>'
    )


def wrapped(text: str, size: float, room: float) -> Sequence[str]:
    """Its words in lines that fit; a word that is longer than a line stays whole."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _dark() -> Iterator[str]:
    yield "@media screen and (prefers-color-scheme:dark){"
    yield f".fr-paper{{fill:{DARK.paper}}}.fr-ink{{fill:{DARK.ink}}}.fr-faint{{fill:{DARK.faint}}}"
    yield f".fr-line-stroke{{stroke:{DARK.line}}}.fr-line-fill{{fill:{DARK.line}}}"
    yield f".fr-ink-stroke{{stroke:{DARK.ink}}}.fr-ink-fill{{fill:{DARK.ink}}}.fr-faint-stroke{{stroke:{DARK.faint}}}"
    for state in State:
        colors, name = DARK.states[state], state.name_of_class
        yield f".fr-{name}{{fill:{colors.fill};stroke:{colors.line}}}.fr-{name}-ink{{fill:{colors.ink}}}"
        yield f".fr-{name}-line{{stroke:{colors.line}}}"
    yield "}"


_DARK = "".join(_dark())
_INKS = {state.name_of_class: LIGHT.states[state].ink for state in State}
