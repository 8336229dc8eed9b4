"""Campaigns on the manager's pages: from the form to the report, in the words of real members."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.members.consent import change_consent
from club.members.segment_models import Segment
from club.members.segments import put_members
from core.models import AuditEntry
from crm.campaigns import running
from crm.campaigns.models import Campaign, ContactPolicy
from crm.notices.models import Notice
from offers.models import Coupon
from sms.account import account
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.crm.campaigns.acts import begin, draft, messages
from tests.offering import draft as draft_offer
from tests.offering import publish
from tests.shop import NOON, Shop

URL = "/desk/campaigns/"
TEN = {"kind": "discount_percent", "percent": 10}
TYPED = {
    "name": "یلدا",
    "audience": "all",
    "gives": "",
    "channel": "sms",
    "text": "{club}\n[[{name} عزیز، ]]یلدا مبارک",
    "when": "now",
    "effect_days": "۱۴",
    "act": "check",
}


@pytest.fixture
def manager(shop: Shop) -> Client:
    return signed_in(person("manager"), shop.club)


def shown(manager: Client, page: str) -> str:
    """What the page says, without its help."""
    return manager.get(page).content.decode().partition("<dialog")[0]


def confirm(manager: Client, campaign: Campaign) -> None:
    said = manager.get(f"{URL}{campaign.pk}/check/").context
    answer = manager.post(f"{URL}{campaign.pk}/check/", {"key": said["key"], "seen": said["seen"]})
    assert answer.status_code == 302, answer.context["error"]


def test_from_the_segment_to_the_sent_messages_with_count_parts_and_cost_before(shop: Shop, manager: Client) -> None:
    inside, silent = shop.member(first_name="سارا"), shop.member(phone=None, card="77")
    shop.member(first_name="بیرونی")
    segment = Segment.objects.create(code="loyal", name="وفادار", kind="static")
    put_members(segment.pk, [inside.pk, silent.pk], at=NOON)
    OutboxMessage.objects.update(cost_rial=1_200, parts=1, created_at=timezone.now())

    begun = manager.get(f"{URL}new/?segment={segment.pk}").context["form"]
    assert (begun["audience"].value(), begun["segment_id"].value()) == ("segment", segment.pk)
    made = manager.post(f"{URL}new/", TYPED | {"audience": "segment", "segment_id": str(segment.pk)})
    campaign = Campaign.objects.get()
    page = manager.get(made.headers["Location"])

    said = page.content.decode()
    assert made.headers["Location"] == f"{URL}{campaign.pk}/check/"
    assert page.context["forecast"].counts == {"sent": 1, "no_address": 1}
    assert (page.context["forecast"].parts, page.context["forecast"].cost) == (1, 1_200)
    assert "سارا عزیز، یلدا مبارک" in said and "لغو۱۱" in said and "۱۲۰ <small>تومان" in said
    confirm(manager, campaign)
    running.work(now=timezone.now())
    assert [message.member_id for message in messages(campaign)] == [inside.pk]
    assert "پیام نوشته شد" in manager.get(f"{URL}{campaign.pk}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"text": ""}, "text"),
        ({"text": "{club} {nonsense}"}, "text"),
        ({"text": "{club} {code}"}, "text"),
        ({"audience": "segment"}, "segment_id"),
        ({"control_bp": "۸۰"}, "control_bp"),
        ({"gives": "points"}, "points"),
        ({"gives": "credit", "credit": "۰"}, "credit"),
        ({"when": "later", "hour": "۱۰"}, "day"),
        ({"when": "later", "day": "1405/09/30", "hour": "۲۵"}, "hour"),
        ({"effect_days": "۱۰۰"}, "effect_days"),
    ],
)
def test_each_fault_stands_beside_its_field_and_what_was_typed_stays(
    shop: Shop, manager: Client, typed: dict[str, str], field: str
) -> None:
    answer = manager.post(f"{URL}new/", TYPED | typed)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert typed.get("name", "یلدا") in answer.content.decode()
    assert not Campaign.objects.exists()


def test_the_phone_beside_the_form_says_what_is_typed_and_what_is_wrong_with_it(shop: Shop, manager: Client) -> None:
    shop.member(first_name="سارا")

    good = manager.post(f"{URL}preview/", TYPED).content.decode()
    bad = manager.post(f"{URL}preview/", TYPED | {"text": "سلام {nonsense}"}).content.decode()
    gift = manager.post(f"{URL}preview/", TYPED | {"gives": "points", "points": "۴۰", "text": "{club} {points}"})
    risky = manager.post(f"{URL}preview/", TYPED | {"text": "شما برنده شدید"}).content.decode()

    assert "سارا عزیز، یلدا مبارک" in good and "۱ بخش" in good
    assert "{nonsense}" in bad and "sms-bubble" not in bad
    assert "۴۰" in gift.content.decode()
    assert "note-bad" in risky and "نام باشگاه در متن نیست" in risky
    assert not Campaign.objects.exists()


def test_a_text_that_closes_panels_is_not_sent(shop: Shop, manager: Client) -> None:
    shop.member()
    campaign = draft(text="{club} شما برنده شدید")

    page = manager.get(f"{URL}{campaign.pk}/check/")
    answer = manager.post(f"{URL}{campaign.pk}/check/", {"key": "k", "seen": page.context["seen"]})

    assert page.context["problems"] and answer.status_code == 422
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_what_somebody_else_has_changed_since_it_was_checked_is_not_sent(shop: Shop, manager: Client) -> None:
    shop.member()
    campaign = draft()
    said = manager.get(f"{URL}{campaign.pk}/check/").context
    other = signed_in(person("manager"), shop.club)
    other.post(f"{URL}{campaign.pk}/", TYPED | {"act": "save", "text": "{club} متن دیگر"})

    answer = manager.post(f"{URL}{campaign.pk}/check/", {"key": said["key"], "seen": said["seen"]})

    assert answer.status_code == 422
    assert "عوض کرده است" in answer.content.decode() and "متن دیگر" in answer.content.decode()
    confirm(manager, campaign)


def test_it_is_stopped_and_gone_on_with_by_its_page_and_shows_how_far_it_is(shop: Shop, manager: Client) -> None:
    shop.member()
    campaign = begin(draft())
    page = f"{URL}{campaign.pk}/"

    waiting = manager.get(f"{page}progress/")
    running.work(now=timezone.now())
    sending = manager.get(f"{page}progress/").content.decode()
    manager.post(f"{page}move/", {"act": "stop"})
    stopped = manager.get(f"{page}progress/")

    assert "به‌زودی آغاز می‌شود" in waiting.content.decode() and "HX-Refresh" not in waiting.headers
    assert "۰ از ۱ پیام رفت" in sending
    assert stopped.headers["HX-Refresh"] == "true"
    assert "ادامه" in manager.get(page).content.decode()
    manager.post(f"{page}move/", {"act": "go_on"})
    running.work(now=timezone.now())
    assert [message.status for message in messages(campaign)] == ["queued"]
    assert manager.post(f"{page}move/", {"act": "nonsense"}).status_code == 404


def test_a_look_at_the_progress_of_what_is_being_sent_reads_no_message(shop: Shop, manager: Client) -> None:
    shop.member()
    campaign = begin(draft())
    running.work(now=timezone.now())
    page = f"{URL}{campaign.pk}/progress/"
    assert "۰ از ۱ پیام رفت" in manager.get(page).content.decode()

    with CaptureQueriesContext(connection) as asked:
        assert "۰ از ۱ پیام رفت" in manager.get(page).content.decode()

    read = [one["sql"] for one in asked if "campaignmember" in one["sql"] or "outboxmessage" in one["sql"]]
    assert read == []


def test_what_is_scheduled_goes_back_to_its_form_by_its_page_and_is_deleted(shop: Shop, manager: Client) -> None:
    shop.member()
    campaign = begin(draft(starts_at=timezone.now() + timedelta(days=1)), now=timezone.now())
    page = f"{URL}{campaign.pk}/"
    assert "به پیش‌نویس برگردان" in manager.get(page).content.decode()
    manager.post(f"{page}move/", {"act": "stop"})
    assert "به پیش‌نویس برگردان" in manager.get(page).content.decode()

    manager.post(f"{page}move/", {"act": "to_draft"})

    assert manager.get(page).context["form"]["when"].value() == "later"
    manager.post(f"{page}delete/")
    assert not Campaign.objects.exists()


def test_the_subject_of_a_mail_is_seen_in_the_preview_the_check_and_the_report(shop: Shop, manager: Client) -> None:
    reader = shop.member(first_name="سارا", email="sara@example.com")
    change_consent(reader.pk, channel="email", given=True, source="desk", actor="user:1", now=NOON)
    typed = TYPED | {"channel": "email", "subject": "{name} جان، یلدا مبارک"}

    preview = manager.post(f"{URL}preview/", typed).content.decode()
    broken = manager.post(f"{URL}preview/", typed | {"subject": "{nonsense}"}).content.decode()
    manager.post(f"{URL}new/", typed)
    campaign = Campaign.objects.get()
    check = manager.get(f"{URL}{campaign.pk}/check/").content.decode()
    confirm(manager, campaign)
    report = manager.get(f"{URL}{campaign.pk}/").content.decode()

    assert all("سارا جان، یلدا مبارک" in page for page in (preview, check, report))
    assert "{nonsense}" in broken


def test_a_notice_is_checked_by_its_days_and_not_by_hours_and_parts_and_taken_back_by_its_page(
    shop: Shop, manager: Client
) -> None:
    shop.member()
    manager.post(f"{URL}new/", TYPED | {"channel": "panel", "notice_days": "۷"})
    campaign = Campaign.objects.get()

    check = shown(manager, f"{URL}{campaign.pk}/check/")
    confirm(manager, campaign)
    running.work(now=timezone.now())
    report = shown(manager, f"{URL}{campaign.pk}/")
    manager.post(f"{URL}{campaign.pk}/move/", {"act": "withdraw"})
    after = shown(manager, f"{URL}{campaign.pk}/")

    assert "۷ روز می‌ماند" in check and "ساعت‌های مجاز" not in check and "بخش‌های پیامک" not in check
    assert "پس گرفتن اعلان‌ها" in report and "۷ روز روی پنل می‌ماند" in report
    assert "پس گرفته شدند" in after and "پس گرفتن اعلان‌ها" not in after
    assert not Notice.objects.filter(withdrawn_at=None, document=campaign.document).exists()


def test_a_draft_is_thrown_away_and_one_that_was_sent_is_not(shop: Shop, manager: Client) -> None:
    shop.member()
    kept, gone = begin(draft()), draft()

    for campaign in (kept, gone):
        manager.post(f"{URL}{campaign.pk}/delete/")

    assert list(Campaign.objects.values_list("pk", flat=True)) == [kept.pk]
    assert manager.get(f"{URL}{gone.pk}/").status_code == 404


def test_an_offer_is_announced_to_its_segment_with_its_code_in_the_text(shop: Shop, manager: Client) -> None:
    member = shop.member(first_name="سارا")
    shop.member()
    segment = Segment.objects.create(code="loyal", name="وفادار", kind="static")
    put_members(segment.pk, [member.pk], at=NOON)
    when = {"fact": "segment", "op": "eq", "value": "loyal"}
    offer = publish("یلدا", TEN, code_required=True, when=when, summary="ده درصد تخفیف شب یلدا.")

    answer = manager.post(f"/desk/offers/{offer.pk}/announce/")
    campaign = Campaign.objects.get()

    assert answer.headers["Location"] == f"{URL}{campaign.pk}/"
    assert (campaign.status, campaign.segment, campaign.offer, campaign.gives) == ("draft", segment, offer, "coupon")
    assert "ده درصد تخفیف شب یلدا." in manager.get(answer.headers["Location"]).content.decode()
    confirm(manager, campaign)
    running.work(now=timezone.now())
    coupon = Coupon.objects.get()
    assert (coupon.member_id, coupon.offer_id) == (member.pk, offer.pk)
    assert messages(campaign)[0].context["code"] == coupon.code


@pytest.mark.parametrize(
    ("when", "audience"),
    [
        (
            {"all": [{"fact": "segment", "op": "eq", "value": "loyal"}, {"fact": "amount", "op": "gt", "value": 1}]},
            "segment",
        ),
        ({"not": {"fact": "segment", "op": "eq", "value": "loyal"}}, "all"),
        (
            {"any": [{"fact": "segment", "op": "eq", "value": "loyal"}, {"fact": "amount", "op": "gt", "value": 3}]},
            "all",
        ),
    ],
)
def test_an_offer_is_announced_to_the_segment_that_it_cannot_do_without(
    shop: Shop, manager: Client, when: dict[str, Any], audience: str
) -> None:
    Segment.objects.create(code="loyal", name="وفادار", kind="static")
    offer = publish("یلدا", TEN, when=when)

    manager.post(f"/desk/offers/{offer.pk}/announce/")

    assert Campaign.objects.get().audience == audience


def test_a_draft_that_brings_codes_no_more_forgets_whose_they_were(shop: Shop, manager: Client) -> None:
    offer = publish("یلدا", TEN, code_required=True)
    brings = draft(gives="coupon", offer_id=offer.pk, text="{club} {code}")
    announces = draft(offer_id=offer.pk)

    for campaign in (brings, announces):
        manager.post(f"{URL}{campaign.pk}/", TYPED | {"act": "save"})
        campaign.refresh_from_db()

    assert (brings.gives, brings.offer_id) == ("", None)
    assert announces.offer_id == offer.pk


def test_an_offer_for_everybody_is_announced_without_a_code(shop: Shop, manager: Client) -> None:
    offer = publish("عصرانه", TEN)
    assert "خبر به اعضا" in manager.get("/desk/offers/").content.decode()

    manager.post(f"/desk/offers/{offer.pk}/announce/")

    campaign = Campaign.objects.get()
    assert (campaign.audience, campaign.gives, campaign.offer_id) == ("all", "", offer.pk)
    assert manager.get(f"{URL}{campaign.pk}/check/").context["problems"] == []
    draft_offer("پیش‌نویس", TEN)


def test_the_policy_is_kept_with_who_changed_it_and_holds_the_hours_too(shop: Shop, manager: Client) -> None:
    page = f"{URL}policy/"

    wrong = manager.post(page, {"most": "۰", "window_from": "۱۰", "window_to": "۹"})
    kept = manager.post(page, {"most": "۳", "window_from": "۱۰:۳۰", "window_to": "۲۰"})

    assert (wrong.status_code, kept.status_code) == (422, 302)
    assert manager.post(page, {"most": "۳", "window_from": "۱۰", "window_to": "۹"}).status_code == 422
    assert ContactPolicy.objects.get().most_a_week == 3
    assert [f"{at:%H:%M}" for at in account().window] == ["10:30", "20:00"]
    assert AuditEntry.objects.get(action="contact_policy.update").after == {"most_a_week": 3}


def test_the_report_says_for_each_member_what_became_of_the_message(shop: Shop, manager: Client) -> None:
    shop.member(first_name="سارا")
    shop.member(phone=None, card="5")
    campaign = begin(draft())
    running.work(now=timezone.now())
    OutboxMessage.objects.filter(document=campaign.document).update(
        status="failed", error_code="411", error_text="شماره درست نیست"
    )

    page = manager.get(f"{URL}{campaign.pk}/").content.decode()
    answer = manager.get(f"{URL}{campaign.pk}/export.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]

    assert "نشانی ندارد" in page and "نرفته و نرسیده" in page
    assert len(lines) == 3
    assert "سارا" in lines[1] and "ناموفق" in lines[1] and "شماره درست نیست" in lines[1]
    assert "نشانی ندارد" in lines[2]
    both = b"".join(manager.get(f"{URL}export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "یلدا" in both


def test_the_list_costs_as_many_queries_for_ten_as_for_one(
    shop: Shop, manager: Client, django_assert_num_queries: Any
) -> None:
    draft()
    manager.get(URL)
    with CaptureQueriesContext(connection) as one:
        manager.get(URL)
    for _each in range(9):
        draft(starts_at=timezone.now() + timedelta(days=1))

    with django_assert_num_queries(len(one)):
        manager.get(URL)


def test_a_cashier_sends_no_campaigns(shop: Shop) -> None:
    cashier = signed_in(person("cashier"), shop.club)

    assert [cashier.get(f"{URL}{page}").status_code for page in ("", "new/", "policy/")] == [403] * 3


def test_a_campaign_stopped_for_credit_stands_on_the_dashboard_and_a_message_on_the_members_card(
    shop: Shop, manager: Client
) -> None:
    member = shop.member(first_name="سارا")
    campaign = begin(draft())
    running.work(now=timezone.now())
    running.stop_for_credit(now=timezone.now())

    matters = {matter.icon: matter for matter in manager.get("/desk/dashboard/").context["matters"]}
    card = manager.get(f"/desk/members/{member.pk}/").content.decode()

    assert matters["send"].url == f"{URL}{campaign.pk}/" and "شارژ" in matters["send"].text
    assert "پیام کارزار: یلدا" in card
