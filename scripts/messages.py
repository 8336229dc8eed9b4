"""Write the English catalogue anew from what the code says: `make messages`. Needs no gettext programs.

Every msgid of the sources stands in locale/en, in the order of the sources; what was translated stays, what nobody says
any more goes. Then the compiled catalogues are written. `--missing` lists what has no English yet.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

SOURCES = (
    "accounts",
    "api",
    "club",
    "config",
    "core",
    "crm",
    "desk",
    "hosting",
    "offers",
    "portal",
    "reports",
    "sms",
    "tickets",
    "templates",
)
NOT_SHOWN = ("/migrations/", "/emulator/", "config/demo/", "config/components.py", "templates/ui.html")
ENGLISH = ROOT / "locale/en/LC_MESSAGES/django.po"
CATALOGUES = (ENGLISH, ROOT / "locale/fa/LC_MESSAGES/django.po")
# What a function is called by, and where its arguments say the singular, the plural and the context.
CALLS = {
    name: (context, singular, plural)
    for names, context, singular, plural in (
        (("_", "_now", "gettext", "gettext_lazy", "gettext_noop"), None, 0, None),
        (("ngettext", "ngettext_lazy"), None, 0, 1),
        (("pgettext", "pgettext_lazy"), 0, 1, None),
        (("npgettext", "npgettext_lazy"), 0, 1, 2),
    )
    for name in names
}
TEXT = r"""(?:u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*')"""
IN_TEMPLATE = re.compile(rf"(?<![\w.])({'|'.join(CALLS)})\(({TEXT}(?:\s*,\s*{TEXT})*)")

Said = tuple[str | None, str, str | None]
"""Context, singular, plural."""


def sources() -> Iterator[Path]:
    """Every file that says something to somebody, in a stable order."""
    for package in SOURCES:
        for path in sorted((ROOT / package).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in (".py", ".html", ".txt") and not any(part in name for part in NOT_SHOWN):
                yield path


def said_in(path: Path) -> Iterator[tuple[int, Said]]:
    """The texts of a file, with their lines."""
    text = path.read_text(encoding="utf-8")
    return _said_by_code(text) if path.suffix == ".py" else _said_by_template(text)


def _said_by_code(text: str) -> Iterator[tuple[int, Said]]:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in CALLS:
            said = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
            yield from ((call.lineno, found) for found in _arranged(name, said))


def _said_by_template(text: str) -> Iterator[tuple[int, Said]]:
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    spoken = templatize(text)
    for found in IN_TEMPLATE.finditer(spoken):
        said = [ast.literal_eval(one) for one in re.findall(TEXT, found[2])]
        yield from ((spoken.count("\n", 0, found.start()) + 1, one) for one in _arranged(found[1], said))


def _arranged(name: str, said: list[str | None]) -> Iterator[Said]:
    def at(place: int | None) -> str | None:
        return said[place] if place is not None and place < len(said) else None

    context, singular, plural = (at(place) for place in CALLS[name])
    if isinstance(singular, str) and singular:
        yield context, singular, plural


def extracted() -> Catalog:
    """A catalogue of everything that is said, without a word of English."""
    catalog = Catalog(locale="en", project="customer-club", charset="utf-8", fuzzy=False)
    for path in sources():
        for _line, (context, singular, plural) in said_in(path):
            name = path.relative_to(ROOT).as_posix()
            catalog.add((singular, plural) if plural else singular, locations=[(name, None)], context=context)
    return catalog


def read(path: Path) -> Catalog:
    """A catalogue as it stands in the repository."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def merged() -> Catalog:
    """Everything that is said, with the English it has."""
    catalog = extracted()
    known = read(ENGLISH) if ENGLISH.exists() else Catalog()
    for message in catalog:
        had = known.get(message.id, message.context) if message.id else None
        if had and bool(had.pluralizable) is bool(message.pluralizable):  # a text that became a number is said anew
            message.string = had.string
    return catalog


def lacks_english(message: Message) -> bool:
    """Whether a text, or one of its forms, has no English."""
    said = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(message.id) and not all(said)


def po_text(catalog: Catalog) -> bytes:
    """The catalogue as it is written, with no date or line number that would change by itself."""
    written = io.BytesIO()
    write_po(written, catalog, width=0, omit_header=True, include_previous=False)
    head = [
        "# What the pages say in English. `make messages` writes this file; only the msgstr are written by hand.",
        'msgid ""',
        'msgstr ""',
        r'"Content-Type: text/plain; charset=UTF-8\n"',
        r'"Language: en\n"',
        r'"Plural-Forms: nplurals=2; plural=(n != 1);\n"',
    ]
    return ("\n".join(head) + "\n\n").encode() + written.getvalue().strip() + b"\n"


def mo_of(path: Path) -> bytes:
    """The compiled form of a catalogue; the same for the same texts, whatever the day."""
    written = io.BytesIO()
    catalog = read(path)
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(written, catalog)
    return written.getvalue()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--missing", action="store_true", help="list what has no English, and write nothing")
    catalog = merged()
    missing = [message for message in catalog if lacks_english(message)]
    if asked.parse_args().missing:
        print("\n".join(str(message.id) for message in missing))
        return
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_bytes(po_text(catalog))
    for path in CATALOGUES:
        path.with_suffix(".mo").write_bytes(mo_of(path))
    print(f"{len(catalog)} texts, {len(missing)} without English.")


if __name__ == "__main__":
    main()
