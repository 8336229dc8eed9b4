"""A list as a page sends it, waiting for its worker."""

from io import BytesIO

from django.utils import timezone

from club.awards.import_runs import (
    get_run,
    upload,
    work,
)
from club.awards.models import ImportRun

LIST = "موبایل,نام\n09120000101,سارا\n09120000102,نیما\n0912,بد\n"
Status = ImportRun.Status


def sent(text: str = LIST, name: str = "customers.csv") -> ImportRun:
    return upload(name, BytesIO(text.encode()), actor="user:1", now=timezone.now())


def checked(text: str = LIST) -> ImportRun:
    run = sent(text)
    work(now=timezone.now())
    return get_run(run.pk)


def status_of(run: ImportRun) -> str:
    return get_run(run.pk).status
