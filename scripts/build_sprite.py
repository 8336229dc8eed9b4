"""Write the icon sprite that every page includes: `templates/_sprite.html`.

A developer's script, its output is committed; nothing here runs on a fresh machine.
Unpack the npm package `lucide-static` anywhere, then:

    python scripts/build_sprite.py PATH_TO/lucide-static

`--check` needs no package: it only says which icons the templates name that the sprite lacks.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "templates" / "_sprite.html"
NAMED = re.compile(r"""\{%-?\s*(?:icon|nav_link|tab_link)\s+(?:["'][a-z_]+:[a-z_]+["']\s+)?["']([a-z0-9-]+)["']""")

# Named by code or kept at hand for pages to come; the rest is found in the templates.
KEPT = set(
    """
arrow-down-left arrow-left arrow-right arrow-up-right badge-check badge-percent ban banknote bell building-2 cake
cake-slice calendar calendar-clock calendar-days calendar-heart chart-column check chevron-down chevron-left
chevron-right chevron-up circle-alert circle-check circle-help circle-x clipboard-list clock cloud-check coffee coins
copy credit-card crown download ellipsis eye eye-off file-text flask-conical funnel gift hand-coins history hourglass
house id-card inbox info key-round keyboard layout-dashboard list lock log-in log-out mail map-pin medal menu
message-circle message-square minus moon package pencil percent phone plus printer qr-code receipt receipt-text
refresh-cw rocket rotate-ccw scan-barcode scan-line search send settings share-2 shield-check shopping-bag smartphone
sparkles stamp star store sun tag ticket-percent trash-2 trending-down trending-up triangle-alert trophy undo-2
user-plus user-round user-round-check user-round-plus user-round-x users wallet wifi wifi-off x palette list-plus
""".split()  # noqa: SIM905 - a list of a hundred words reads better so
)


def icons_in_templates() -> set[str]:
    """Return every icon that a template of the project names."""
    pages = (path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    return {name for text in pages for name in NAMED.findall(text)}


def icons_in_sprite() -> set[str]:
    """Return the icons that the committed sprite holds."""
    return set(re.findall(r'id="i-([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))


def symbol(name: str, *, source: Path) -> str:
    """Return one icon as a `<symbol>`."""
    found = re.search(r"<svg[^>]*>(.*)</svg>", (source / f"{name}.svg").read_text(encoding="utf-8"), re.S)
    if found is None:
        raise SystemExit(f"{name}: not an SVG file")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{" ".join(found.group(1).split())}</symbol>'


def build(package: Path) -> str:
    """Return the whole sprite, with the licence line of its makers."""
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    names = sorted(icons_in_templates() | KEPT)
    licence = f"<!-- Icons: Lucide {version}, ISC License, © Lucide Contributors; text in static/img/lucide.txt -->"
    symbols = "\n".join(symbol(name, source=package / "icons") for name in names)
    return f'{licence}\n<svg width="0" height="0" hidden aria-hidden="true">\n{symbols}\n</svg>\n'


def main(arguments: list[str]) -> int:
    """Check or write; return the exit status."""
    if arguments == ["--check"]:
        missing = icons_in_templates() - icons_in_sprite()
        if missing:
            sys.stderr.write(f"not in the sprite: {', '.join(sorted(missing))}\n")
        return bool(missing)
    if len(arguments) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    SPRITE.write_text(build(Path(arguments[0])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
