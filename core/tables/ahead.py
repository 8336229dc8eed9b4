"""Reading ahead: the next rows are read in a thread while the last ones are written, as the database takes its time."""

import threading
from collections.abc import Iterator
from itertools import islice
from queue import Empty, Queue
from typing import Any, TypeVar

Record = TypeVar("Record")
CHUNK, CHUNKS = 250, 8
STOP_SECONDS = 0.5


def ahead(rows: Iterator[Record]) -> Iterator[Record]:
    """The same rows, and the same error where one breaks off; some 2,000 of them wait at most.

    The rows must not need the database or the club's scope, which the thread does not have.
    """
    waiting: Queue[list[Record] | BaseException | None] = Queue(maxsize=CHUNKS)
    given_up = threading.Event()

    def read() -> None:
        last: BaseException | None = None
        try:
            while not given_up.is_set() and (chunk := list(islice(rows, CHUNK))):
                waiting.put(chunk)
        except BaseException as error:
            last = error
        waiting.put(last)

    reader = threading.Thread(target=read, name="reading ahead", daemon=True)
    reader.start()
    try:
        while (found := waiting.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield from found
    finally:
        given_up.set()
        _let_end(reader, waiting)


def _let_end(reader: threading.Thread, waiting: Queue[Any]) -> None:
    """Take what it still wants to hand over, so that it sees it is not needed any more."""
    while reader.is_alive():
        try:
            waiting.get(timeout=STOP_SECONDS)
        except Empty:
            continue
