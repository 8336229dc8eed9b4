"""From a ready offer to a live one, its pauses, its end, and the versions that are left of it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.catalogue.models import Group
from crm.occasions.activities import add_type
from offers.models import Offer, OfferCounter, OfferVersion
from offers.starters import STARTERS
from tests.offering import draft, publish
from tests.shop import Shop

LIST, NEW = "/desk/offers/", "/desk/offers/new/"
CREDIT = {"kind": "credit_percent", "percent": 5}


def url(offer: Offer, more: str = "") -> str:
    return f"{LIST}{offer.pk}/{more}"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    shop.tiers()
    Group.objects.create(code="drinks", name="نوشیدنی")
    shop.product("latte", 600_000, "drinks")
    return shop


@pytest.mark.parametrize("code", [starter.code for starter in STARTERS])
def test_every_ready_offer_is_one_click_away_from_a_draft_that_may_be_published(
    manager: Client, stocked: Shop, code: str
) -> None:
    coded = publish("با کد", {"kind": "free_delivery"}, code_required=True)
    add_type(code="story", name="استوری", actor="user:1")

    answer = manager.post(NEW, {"starter": code})

    offer = Offer.objects.exclude(pk=coded.pk).get()
    assert answer["Location"] == url(offer)
    assert offer.status == "draft" and offer.terms["summary"]
    assert manager.post(url(offer, "publish/")).status_code == 302
    assert Offer.objects.get(pk=offer.pk).status == "live"


def test_what_was_chosen_of_a_ready_offer_is_in_it_and_in_its_summary(manager: Client, stocked: Shop) -> None:
    manager.post(NEW, {"starter": "combo", "benefit.of": "latte", "benefit.amount": "۱۰۰٬۰۰۰"})

    terms = Offer.objects.get().terms
    assert terms["benefit"] == {"kind": "fixed_price", "quantity": 2, "amount": 1_000_000, "of": "latte"}
    assert "۱۰۰ هزار تومان" in terms["summary"]


def test_a_price_that_cannot_be_read_makes_no_draft(manager: Client, stocked: Shop) -> None:
    answer = manager.post(NEW, {"starter": "combo", "benefit.of": "latte", "benefit.amount": "گران"})

    assert answer.status_code == 422
    assert not Offer.objects.exists()


def test_a_ready_offer_that_the_club_has_nothing_for_says_what_it_lacks(manager: Client, shop: Shop) -> None:
    assert "نخست در تنظیمات یک سطح بسازید" in text_of(manager.get(NEW))
    assert manager.post(NEW, {"starter": "tuesday"}).status_code == 422
    assert manager.post(NEW, {"starter": ""}).status_code == 302
    assert manager.post(NEW, {"starter": "none-such"}).status_code == 404


def test_publishing_asks_once_with_the_sentence_and_the_most_it_may_cost(manager: Client, stocked: Shop) -> None:
    offer = draft("تازه", CREDIT, summary="۵٪ اعتبار", limits={"budget": 120_000_000})

    asked = text_of(manager.get(url(offer, "publish/")))
    assert "منتشر شود؟ بیشترین هزینه ۱۲ میلیون تومان است" in asked
    assert "۵٪ اعتبار برگشتی" in asked
    assert Offer.objects.get().status == "draft"

    manager.post(url(offer, "publish/"))
    assert Offer.objects.get().status == "live"
    assert OfferVersion.objects.get().actor.startswith("user:")


def test_what_is_wrong_is_put_right_before_it_is_published(manager: Client, stocked: Shop) -> None:
    offer = draft("بی‌خلاصه", CREDIT)

    answer = manager.post(url(offer, "publish/"))

    assert answer.status_code == 422
    assert "خلاصه‌ای ساده بنویسید" in text_of(answer)
    assert Offer.objects.get().status == "draft"


def test_publishing_from_the_builder_keeps_what_was_typed_first(manager: Client, stocked: Shop) -> None:
    offer = draft("تازه", CREDIT)
    typed = {"name": "نو", "kind": "credit_percent", "percent": "8", "trigger": "purchase", "stacking": "best",
             "goal": "grow", "act": "publish"}  # fmt: skip

    assert manager.post(url(offer), typed)["Location"] == url(offer, "publish/")
    assert Offer.objects.get().terms["benefit"]["percent"] == 8


def test_pausing_publishing_again_and_ending(manager: Client, stocked: Shop) -> None:
    offer = publish("زنده", CREDIT, summary="۵٪")

    manager.post(url(offer, "move/"), {"act": "pause"})
    assert Offer.objects.get().status == "paused"
    manager.post(url(offer, "publish/"))
    assert Offer.objects.get().status == "live"
    manager.post(url(offer, "move/"), {"act": "end"})
    assert Offer.objects.get().status == "ended"
    again = manager.post(url(offer, "move/"), {"act": "pause"}, follow=True)
    assert "صفحه را تازه کنید" in text_of(again)
    assert manager.post(url(offer, "publish/"))["Location"] == LIST


def test_a_copy_is_a_draft_of_its_own(manager: Client, stocked: Shop) -> None:
    offer = publish("زنده", CREDIT, summary="۵٪")

    manager.post(url(offer, "copy/"))

    copy = Offer.objects.latest("pk")
    assert (copy.name, copy.status, copy.version) == ("زنده (رونوشت)", "draft", 0)
    assert copy.terms == {**offer.terms, "name": copy.name}


def test_only_what_was_never_published_is_removed(manager: Client, stocked: Shop) -> None:
    live, never = publish("زنده", CREDIT), draft("پیش‌نویس", CREDIT)

    told = manager.post(url(live, "delete/"), follow=True)
    manager.post(url(never, "delete/"))

    assert "پاک نمی‌شود" in text_of(told)
    assert [offer.pk for offer in Offer.objects.all()] == [live.pk]


def test_the_history_says_what_each_version_changed(manager: Client, stocked: Shop) -> None:
    offer = publish("زنده", CREDIT, summary="۵٪")
    typed = {"name": "زنده", "summary": "۵٪", "kind": "credit_percent", "percent": "8", "trigger": "purchase",
             "stacking": "always", "goal": "grow", "budget": "1000000", "act": "save"}  # fmt: skip
    manager.post(url(offer), typed)

    answer = manager.get(url(offer, "history/"))

    newest, first = answer.context["rows"]
    assert [(change.before, change.after) for change in newest["changes"]] == [
        ("۵٪ اعتبار برگشتی", "۸٪ اعتبار برگشتی"),
        ("بهترین برای عضو داده شود", "با بقیه جمع شود"),
        ("بی‌سقف", "۱٬۰۰۰٬۰۰۰ تومان"),
    ]
    assert first["changes"] == []
    assert "بهرام صادقی" in text_of(answer)


def test_what_was_never_published_has_no_versions_yet(manager: Client, stocked: Shop) -> None:
    assert "هنوز منتشر نشده" in text_of(manager.get(url(draft("تازه", CREDIT), "history/")))


def test_the_list_tells_each_state_what_was_given_and_what_it_cost(manager: Client, stocked: Shop) -> None:
    assert "هنوز پیشنهادی نیست" in text_of(manager.get(LIST))
    live = publish("زنده", CREDIT)
    draft("تازه", CREDIT)
    OfferCounter.objects.create(offer=live, used=12, spent=3_400_000)

    everything, drafts, ended = (manager.get(LIST, {"status": status}) for status in ("", "draft", "ended"))

    assert [row.offer.name for row in everything.context["rows"]] == ["تازه", "زنده"]
    assert [row.offer.name for row in drafts.context["rows"]] == ["تازه"]
    assert "در این وضعیت پیشنهادی نیست" in text_of(ended)
    assert "۱۲ بار داده شده" in text_of(everything) and "۳۴۰٬۰۰۰ تومان تا امروز" in text_of(everything)
    assert [count for _value, _label, count in everything.context["tabs"]] == [2, 1, 1, 0, 0]


def test_the_list_goes_on_and_is_taken_home_whole(manager: Client, stocked: Shop) -> None:
    for number in range(30):
        draft(f"پیشنهاد {number}", CREDIT)

    first = manager.get(LIST)
    second = manager.get(LIST, {"before": first.context["older"]})

    assert (len(first.context["rows"]), len(second.context["rows"])) == (25, 5)
    lines = b"".join(manager.get(f"{LIST}export.csv")).decode().strip().splitlines()  # type: ignore[call-overload]
    assert len(lines) == 31


def test_a_page_of_the_list_asks_as_much_for_many_as_for_one(manager: Client, stocked: Shop) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            manager.get(LIST)
        return len(queries)

    publish("زنده", {**CREDIT, "of": "drinks"})
    count()
    one = count()
    for number in range(20):
        publish(f"زنده {number}", {**CREDIT, "of": "drinks"}, ends_at=timezone.now().isoformat()[:10])
    assert count() == one
