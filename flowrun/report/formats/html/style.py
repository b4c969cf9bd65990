"""The style of the page: the colours of the pictures in both themes, a phone's width, and paper."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.pictures.state import DARK, LIGHT, State, Theme


def _theme(theme: Theme) -> Iterator[str]:
    yield f"--paper:{theme.paper};--ink:{theme.ink};--faint:{theme.faint};--line:{theme.line};"
    for state in State:
        colors, name = theme.states[state], state.name_of_class
        yield f"--{name}:{colors.fill};--{name}-line:{colors.line};--{name}-ink:{colors.ink};"


def _states() -> Iterator[str]:
    for state in State:
        name = state.name_of_class
        yield f".{name}{{background:var(--{name});border-color:var(--{name}-line);color:var(--{name}-ink)}}"


STYLE = "\n".join(
    [
        f":root{{color-scheme:light dark;{''.join(_theme(LIGHT))}}}",
        f"@media screen and (prefers-color-scheme:dark){{:root{{{''.join(_theme(DARK))}}}}}",
        """*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:80rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.3;margin:.5rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
p{margin:.4rem 0}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0 0;padding:0;list-style:none}
nav a{display:inline-block;padding:.3rem 0}
a{color:inherit}
:focus-visible{outline:3px solid var(--running-line);outline-offset:2px}
.wide{overflow-x:auto}
.wide svg{display:block}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:var(--faint);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line);min-width:4rem;
overflow-wrap:break-word}
td:last-child{min-width:12rem}
thead th{position:sticky;top:0;background:var(--paper)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.state{display:inline-block;padding:0 .5rem;border:1px solid;border-radius:.8rem;white-space:nowrap;font-weight:600}
code,pre{font:.9em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{overflow-x:auto;padding:.6rem;border:1px solid var(--line);border-radius:.3rem;white-space:pre-wrap}
summary{cursor:pointer;padding:.3rem 0}
footer{margin-top:2rem;color:var(--faint);font-size:.85rem}
@media print{body{max-width:none;padding:0}nav{display:none}.wide{overflow:visible}.wide svg{max-width:100%;height:auto}
thead th{position:static}tr,li,h2{break-inside:avoid}h2{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto}}""",
        *_states(),
    ]
)
