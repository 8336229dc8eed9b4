"""The pages of the emulator: their own stylesheet stands beside the house's."""

import re
from pathlib import Path

from django.conf import settings

ALONE = re.compile(r"(?:^|[{}]|,)\s*\.([a-z][\w-]*)(?=\s*[,{])")


def classes_of(sheet):
    """The classes that the sheet gives a look by themselves, not within another."""
    text = re.sub(r"/\*.*?\*/", "", (Path(settings.BASE_DIR) / sheet).read_text(), flags=re.DOTALL)
    return set(ALONE.findall(text))


def test_the_phones_stylesheet_names_nothing_that_the_house_s_names():
    """Both are on the page: a class of both would wear the other's look."""
    house, phones = classes_of("static/css/app.css"), classes_of("sms/emulator/assets/phone.css")

    assert {"talk", "sms-in"} <= phones
    assert house & phones == set()
