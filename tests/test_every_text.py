"""Whatever stands in a text of any table is shown as text on every page that shows any of it."""

import pytest
from django.apps import apps
from django.db import connection, models

from core.models import Club
from core.tenancy.models import AppendOnly, ClubModel
from tests.conftest import fresh_club
from tests.hostile import SCRIPTS
from tests.test_every_door import House
from tests.test_every_field import opened, taken_back

# Columns whose text the program itself reads: a hostile one cannot get in, and a page may rightly fail over it.
READ_BY_THE_PROGRAM = {
    *("status", "kind", "code", "phone", "phone_reversed", "document", "cause", "actor", "digest", "previous", "key"),
    *(
        "token",
        "slug",
        "secret",
        "callback_secret",
        "api_key",
        "message_class",
        "unit",
        "channel",
        "role",
        "action",
        "target",
    ),
    *(
        "tier_code",
        "tier_floor",
        "tier_before",
        "tier_after",
        "from_code",
        "to_code",
        "metric",
        "downgrade",
        "type",
        "name_of",
    ),
    *(
        "host",
        "time_zone",
        "currency_unit",
        "brand_colour",
        "card",
        "referral_code",
        "product_code",
        "source",
        "line",
        "consumer",
    ),
}


def texts_of(model: type[models.Model]) -> list[models.Field]:
    keys = {name for rule in model._meta.constraints for name in getattr(rule, "fields", ())}
    return [
        field
        for field in model._meta.local_fields
        if type(field) in (models.CharField, models.TextField)
        and not (field.choices or field.unique or field.name in keys or field.column in READ_BY_THE_PROGRAM)
        and (field.max_length or 999) >= 40
    ]


@pytest.mark.slow
def test_whatever_stands_in_a_text_of_any_table_is_shown_as_text(committed_club: Club) -> None:
    """All forty in turn in every column for words, past every form; then every page that shows any of it is read."""
    club = committed_club
    house = House(club, fresh_club())
    browsers = {letter: house.browser(letter) for letter in "mo"}
    place, written = 0, 0
    with connection.as_owner(), taken_back():
        with connection.cursor() as cursor:
            for model in apps.get_models():
                if not issubclass(model, ClubModel):
                    continue
                table = model._meta.db_table
                if issubclass(model, AppendOnly):
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                for field in texts_of(model):
                    place += 1
                    text = SCRIPTS[place % len(SCRIPTS)][: field.max_length or 999]
                    cursor.execute(f'UPDATE {table} SET "{field.column}" = %s WHERE club_id = %s', [text, club.pk])
                    written += cursor.rowcount
        for letter, browser in browsers.items():
            wrong = [f"{path} makes {page.dangers}" for path, page in opened(house, browser, letter) if page.dangers]
            assert not wrong, "\n".join(wrong)
    assert written > 20
