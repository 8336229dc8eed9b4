"""CSV as it is found in the wild: UTF-8 with or without its mark, UTF-16, windows-1256; any delimiter; gzip or not."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, ClassVar

from django.utils.translation import gettext_lazy as _

from core.tables.reading import BROKEN, HEADER_WITHIN, MOST_COLUMNS, TOO_LARGE, Row, Unreadable
from core.text import HALF_SPACE

MOST_BYTES = 400 << 20  # unpacked
PIECE = 1 << 20
DELIMITERS = ",;\t|"
GZIP = b"\x1f\x8b"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What files are that only look like a table by their name.
OTHERS = ((b"%PDF", "PDF"), (b"<!doctype", "HTML"), (b"<html", "HTML"), (b"<table", "HTML"), (b"<?xml", "XML"))
FORMULA_STARTS = tuple("=+-@\t\r")
_PERSIAN = {HALF_SPACE, "\u200d", "\u200e", "\u200f", *"«»،؛؟٪٫٬–—…"}


class CsvFile:
    """A CSV whose encoding and delimiter were found out by looking at all of it, once."""

    form = "csv"
    formulas: ClassVar[Mapping[int, Mapping[int, str]]] = {}

    def __init__(self, path: Path, start: bytes, encoding: str | None) -> None:
        self.path = path
        self.zipped = start.startswith(GZIP)
        try:
            if not self.zipped:
                _refuse_others(start)
            self.encoding, self.lines = self._survey(encoding)
            self.delimiter, self.skip = self._delimiter()
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(BROKEN) from error

    def records(self) -> Iterator[Row]:
        """Number and cells of each record, empty ones too; cells beyond the most that a table may have are cut off."""
        with self._text() as file:
            for _skipped in range(self.skip):
                next(file)
            reader = csv.reader(file, delimiter=self.delimiter)
            for cells in reader:
                yield reader.line_num + self.skip, [_unguarded(cell) for cell in cells[: MOST_COLUMNS + 1]]

    def _bytes(self) -> IO[bytes]:
        return gzip.open(self.path) if self.zipped else self.path.open("rb")  # type: ignore[return-value]

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(self._bytes(), encoding=self.encoding, newline="")

    def _survey(self, named: str | None) -> tuple[str, int]:
        """(encoding, lines): all of the file is looked at, as Persian may begin late."""
        with self._bytes() as file:
            start = file.read(4)
        encoding = named or ("utf-16" if start.startswith(UTF16) else "utf-8-sig")
        try:
            return encoding, self._count(encoding)
        except LookupError as error:
            raise Unreadable(_("رمزگذاری %(name)s شناخته نیست."), name=named) from error
        except UnicodeError as error:
            if named is None and self._looks_persian("cp1256"):
                return "cp1256", self._count("cp1256")
            raise Unreadable(_("متن فایل با این رمزگذاری خوانده نمی‌شود؛ آن را با UTF-8 ذخیره کنید.")) from error

    def _count(self, encoding: str) -> int:
        decoder = codecs.getincrementaldecoder(encoding)()
        lines = size = 0
        with self._bytes() as file:
            while piece := file.read(PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise Unreadable(TOO_LARGE)
                text = decoder.decode(piece)
                if "\x00" in text:
                    raise Unreadable(_("این فایل متن نیست؛ CSV یا XLSX بفرستید."))
                lines += text.count("\n") or text.count("\r")
        decoder.decode(b"", final=True)
        return lines

    def _looks_persian(self, encoding: str) -> bool:
        """Whether nearly all that is no ASCII reads as Persian letters: a wrong guess would spoil every name."""
        foreign = persian = 0
        with self._bytes() as file:
            while piece := file.read(PIECE):
                marks = [char for char in piece.decode(encoding, errors="replace") if not char.isascii()]
                foreign += len(marks)
                persian += sum("\u0600" <= char <= "\u06ff" or char in _PERSIAN for char in marks)
        return foreign > 0 and persian >= 0.95 * foreign

    def _delimiter(self) -> tuple[str, int]:
        """(delimiter, lines to pass over): what the first line with such a mark has most of, or `sep=` says it."""
        with self._text() as file:
            head = [line for line, _n in zip(file, range(HEADER_WITHIN), strict=False)]
        if head and head[0].lower().startswith("sep=") and len(head[0].strip()) == 5:
            return head[0].strip()[4], 1
        marked = next((line for line in head if any(mark in line for mark in DELIMITERS)), "")
        return max(DELIMITERS, key=marked.count), 0


def _refuse_others(start: bytes) -> None:
    begin = start.lstrip(codecs.BOM_UTF8 + b" \r\n\t").lower()
    for mark, name in OTHERS:
        if begin.startswith(mark.lower()):
            raise Unreadable(
                _("این فایل %(kind)s است، نه جدول؛ آن را در صفحه‌گسترده باز و با قالب XLSX ذخیره کنید."), kind=name
            )


def _unguarded(cell: str) -> str:
    """Without the apostrophe that reports put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in FORMULA_STARTS else cell
