"""The SMS emulator with a talk in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import urlopen

from sms.emulator.server import Emulator, running_emulator
from tests.browser.pages.seated import MEMBER


@contextmanager
def phones() -> Iterator[Emulator]:
    """The SMS emulator with a talk in it."""
    with running_emulator() as emulator:
        for text in ("کافه نارون: خوش آمدی", "کافه نارون: خرید ۱۲۵٬۰۰۰ تومان ثبت شد. ‎+۱۲ امتیاز"):
            body = urlencode({"receptor": MEMBER, "message": text}).encode()
            urlopen(f"{emulator.base_url}/v1/{emulator.key}/sms/send.json", body).close()
        emulator.book.receive(phone=MEMBER, line="10004346", text="ممنون")
        yield emulator
