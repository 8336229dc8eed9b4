"""The member's own data changed by the member, consent given and taken back, and what was changed told."""

from datetime import date

import pytest
from django.utils import timezone

from club.members.cards import issue_card
from club.members.consent import consents_of
from club.members.history import changes_of
from club.members.models import ConsentChange, CustomField, Member
from club.members.selectors import find_members
from core.models import AuditEntry
from sms.models import OutboxMessage, Suppression
from tests.hostile import PageReader

FORM = {"first_name": "سارا", "last_name": "محمدی", "city": "", "email": "", "gender": "", "birth_date": ""}


def test_a_change_is_seen_at_once_and_kept_with_the_old_value(sara, browser):
    answer = browser.post(
        "/profile/edit/",
        {**FORM, "last_name": "محمدی‌نژاد", "city": "شیراز", "birth_date": "۱۳۷۰/۰۱/۰۲", "gender": "female"},
    )

    assert answer["Location"] == "/profile/"
    sara.refresh_from_db()
    assert (sara.last_name, sara.city, sara.birth_date) == ("محمدی‌نژاد", "شیراز", date(1991, 3, 22))
    assert [hit.id for hit in find_members("نژاد")] == [sara.pk]
    change = next(change for change in changes_of(sara.pk) if change.field == "last_name")
    assert (change.actor, change.before, change.after) == (f"member:{sara.pk}", "محمدی", "محمدی‌نژاد")
    shown = browser.get("/profile/changes/").content.decode()
    assert "محمدی‌نژاد" in shown and "خودت" in shown and "شهر" in shown
    assert "۲ فروردین ۱۳۷۰" in shown and "زن" in shown


def test_nothing_changed_writes_nothing(sara, browser):
    before = AuditEntry.objects.count()

    assert browser.post("/profile/edit/", FORM).status_code == 302

    assert AuditEntry.objects.count() == before


def test_what_the_club_changed_since_the_page_was_opened_is_not_put_back(sara, browser):
    page = PageReader(browser.get("/profile/edit/").content.decode())
    [opened] = [form.fields for form in page.forms if "first_name" in form.fields]
    Member.objects.filter(pk=sara.pk).update(first_name="ساره", birth_date=date(1991, 3, 22))

    browser.post("/profile/edit/", {**{name: (values or [""])[0] for name, values in opened.items()}, "city": "شیراز"})

    sara.refresh_from_db()
    assert (sara.first_name, sara.city, sara.birth_date) == ("ساره", "شیراز", date(1991, 3, 22))


def test_what_the_club_asked_at_joining_is_mended_by_the_member_too(sara, browser):
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_joining=True)
    CustomField.objects.create(code="since", label="از کی", kind="date", is_asked_at_joining=True)
    CustomField.objects.create(code="note", label="یادداشت", is_shown_to_member=True)
    CustomField.objects.create(code="mood", label="خلق‌وخو", is_asked_at_joining=True, is_shown_to_member=False)
    kept = {"note": "دیر می‌آید", "mood": "سخت‌گیر"}
    Member.objects.filter(pk=sara.pk).update(custom={**kept, "pet": "پشمک"})
    page = browser.get("/profile/edit/").content.decode()
    assert "نام گربه" in page and "custom_mood" not in page and "custom_note" not in page

    typed = {"custom_pet": "ملوس", "custom_since": "۱۴۰۴/۰۱/۰۱", "custom_mood": "خوش", "custom_note": ""}
    browser.post("/profile/edit/", {**FORM, **typed})

    sara.refresh_from_db()
    assert sara.custom == {**kept, "pet": "ملوس", "since": "2025-03-21"}
    told = browser.get("/profile/changes/").content.decode()
    assert "نام گربه" in told and "پشمک" in told and "ملوس" in told and "۱ فروردین ۱۴۰۴" in told
    assert "سخت‌گیر" not in told and "custom" not in told
    assert "ملوس" in b"".join(browser.get("/profile/changes/export.csv")).decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "nobody"), ("birth_date", "۱۵۰۰/۰۱/۰۱"), ("city", "x" * 61), ("gender", "other"), ("birth_date", "۱۳")],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(sara, browser, field, value):
    answer = browser.post("/profile/edit/", {**FORM, "first_name": "ندا", field: value})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in shown and "ندا" in shown
    assert Member.objects.get(pk=sara.pk).first_name == "سارا"


def test_a_no_to_messages_is_kept_with_its_words_and_the_outbox_knows(sara, browser):
    browser.post("/profile/consent/", {"channel": "sms", "given": "no"})
    browser.post("/profile/consent/", {"channel": "sms", "given": "no"})

    [row] = consents_of(sara.pk)
    assert (row.given, row.source, row.actor) == (False, "portal", f"member:{sara.pk}")
    assert "پیامک" in row.text and row.at <= timezone.now()
    assert not Member.objects.get(pk=sara.pk).sms_consent
    assert Suppression.objects.get().phone == sara.phone

    browser.post("/profile/consent/", {"channel": "sms", "given": "yes"})
    assert [row.given for row in consents_of(sara.pk)] == [True, False]
    assert not Suppression.objects.exists()


def test_e_mail_is_asked_only_of_who_has_one(sara, browser):
    assert "ایمیل کنید" not in browser.get("/profile/").content.decode()
    Member.objects.filter(pk=sara.pk).update(email="s@example.com")

    assert "ایمیل کنید" in browser.get("/profile/").content.decode()
    browser.post("/profile/consent/", {"channel": "email", "given": "yes"})
    assert Member.objects.get(pk=sara.pk).email_consent


@pytest.mark.parametrize("channel", ["", "pigeon", "\x00"])
def test_an_unknown_channel_changes_nothing(sara, browser, channel):
    assert browser.post("/profile/consent/", {"channel": channel, "given": "no"}).status_code == 302

    assert not ConsentChange.objects.exists()


def test_what_others_did_is_told_as_the_club_s(sara, browser):
    issue_card(sara.pk, actor="user:7", reason="گم شد")

    shown = browser.get("/profile/changes/").content.decode()
    assert "باشگاه" in shown and "شمارهٔ کارت" in shown
    assert "گم شد" not in shown


def test_a_field_kept_for_staff_is_not_shown_to_the_member(sara, browser):
    CustomField.objects.create(code="pet", label="نام گربه")
    CustomField.objects.create(code="mood", label="خلق‌وخو", is_shown_to_member=False)
    Member.objects.filter(pk=sara.pk).update(custom={"pet": "پشمک", "mood": "سخت‌گیر"})

    shown = browser.get("/profile/").content.decode()

    assert "پشمک" in shown and "سخت‌گیر" not in shown


def test_a_member_chooses_the_language_of_pages_and_messages(browser, sara, shop):
    answer = browser.post("/profile/language/", {"language": "en", "next": "/profile/"})

    assert answer["Location"] == "/profile/"
    sara.refresh_from_db()
    assert sara.language == "en"
    assert 'lang="en" dir="ltr"' in browser.get("/profile/").content.decode()
    shop.buys(sara, 1_000_000)
    assert OutboxMessage.objects.filter(kind="purchase_receipt").latest("pk").context["language"] == "en"
    assert "English" in browser.get("/profile/changes/").content.decode()


def test_a_language_that_is_not_ours_changes_nothing(browser, sara):
    assert browser.post("/profile/language/", {"language": "tlh"}).status_code == 404

    sara.refresh_from_db()
    assert sara.language == ""
