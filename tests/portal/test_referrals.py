"""The short link from a clean browser to a member, and the page on which members see what they brought."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from club.awards.joining import Joined, approve_request, join_club
from club.members.agent_codes import close_agent_code, register_agent_code
from club.members.joining import Joiner, choose_way
from club.members.models import JoinRequest, Member
from core.models import Club
from core.tenancy.middleware import forget_hosts
from crm.referrals.joining import join_by_browser
from crm.referrals.links import device_of, note_device
from crm.referrals.models import LinkClicks, MemberDevice, Referral
from crm.referrals.terms import change_page
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in, visitor
from tests.crm.referrals.acts import SALE, brought, read, terms
from tests.shop import Shop

NEW = "09351112233"


def joins(browser, phone: str = NEW):
    """The visitor proves a phone and joins; the last answer."""
    browser.post("/join/", {"phone": phone})
    code = OutboxMessage.objects.filter(kind="otp", phone=phone).latest("id").context["code"]
    browser.post("/login/code/", {"code": code})
    return browser.post("/join/details/", {"first_name": "نگار", "sms_consent": "on"})


def clicks() -> int:
    return sum(LinkClicks.objects.values_list("clicks", flat=True))


def test_a_clean_browser_follows_the_link_and_joins_for_good(shop: Shop, club: Club) -> None:
    sara = shop.member(first_name="سارا", last_name="محمدی")
    browser = visitor(club)
    link = f"/r/{sara.referral_code.lower()}?s=telegram"

    page = browser.get(link).content.decode()
    browser.get(link)
    assert "سارا تو را دعوت کرده" in page and "محمدی" not in page
    assert LinkClicks.objects.get().source == "telegram" and clicks() == 1  # the same browser counts once
    assert "سارا" in browser.get("/join/?source=referral:telegram").content.decode()
    assert joins(browser)["Location"] == "/"
    read()

    friend = Member.objects.get(phone=NEW)
    assert (friend.referred_by_id, friend.source) == (sara.pk, "referral:telegram")
    assert Referral.objects.get(friend=friend).reasons == []
    assert browser.cookies["invited"].value == ""
    assert browser.get(link)["Location"] == "/"  # a member has no use for it
    mine = signed_in(person(phone=sara.phone), club, "otp").get("/referrals/").content.decode()
    assert "نگار" in mine and "هنوز خرید نکرده" in mine


def test_machines_previews_and_looks_ahead_are_no_clicks(shop: Shop, club: Club) -> None:
    link = f"/r/{shop.member().referral_code}"
    for headers in (
        {"User-Agent": "TelegramBot (like TwitterBot)"},
        {"User-Agent": "WhatsApp/2.23"},
        {"Sec-Purpose": "prefetch"},
    ):
        assert visitor(club).get(link, headers=headers).status_code == 200
    visitor(club).head(link)

    assert clicks() == 0


def test_a_code_of_nobody_or_closed_still_lets_one_join(shop: Shop, club: Club) -> None:
    agent = register_agent_code(1, "09121110000", name="مریم رضایی", actor="user:1")
    assert "مریم تو را دعوت" in visitor(club).get(f"/r/{agent}").content.decode()
    close_agent_code(1, actor="user:1")
    gone = Member.objects.get(pk=shop.member().pk)
    Member.objects.filter(pk=gone.pk).update(status="blocked")

    for code in (agent, gone.referral_code, "NOBODY", "%00", "ی" * 40):
        browser = visitor(club)
        answer = browser.get(f"/r/{code}")
        assert (
            answer.status_code == 404 and "خودت عضو" in answer.content.decode() and "/join/" in answer.content.decode()
        )
        assert "invited" not in browser.cookies
    assert clicks() == 1


def test_a_forged_or_foreign_cookie_ties_nobody(shop: Shop, club: Club) -> None:
    browser = visitor(club)
    browser.cookies["invited"] = shop.member().referral_code

    joins(browser)

    assert not Member.objects.get(phone=NEW).is_referred


def test_who_waits_for_approval_keeps_who_invited_them(shop: Shop, club: Club) -> None:
    choose_way("approved", actor="user:1")
    forget_hosts()
    sara = shop.member()
    browser = visitor(club)
    browser.get(f"/r/{sara.referral_code}")

    assert joins(browser)["Location"] == "/join/wait/"
    approve_request(JoinRequest.objects.get().pk, actor="user:1", now=timezone.now())

    assert Member.objects.get(phone=NEW).referred_by_id == sara.pk


def test_who_shares_and_joins_with_one_browser_is_looked_at(shop: Shop, club: Club) -> None:
    sara = shop.member()
    browser = signed_in(person(phone=sara.phone), club, "otp")
    browser.get("/referrals/")
    browser.post("/logout/")
    browser.get(f"/r/{sara.referral_code}")
    joins(browser)
    read()

    assert MemberDevice.objects.values("device").distinct().count() == 1
    assert (Referral.objects.get().review, Referral.objects.get().reasons) == ("held", ["device"])


def test_a_shared_browser_is_looked_at_also_where_a_manager_lets_people_in(shop: Shop, club: Club) -> None:
    choose_way("approved", actor="user:1")
    forget_hosts()
    sara = shop.member()
    shared, own = signed_in(person(phone=sara.phone), club, "otp"), visitor(club)
    shared.get("/referrals/")
    shared.post("/logout/")
    phones = (NEW, "09351112244")
    for browser, phone in zip((shared, own), phones, strict=True):
        browser.get(f"/r/{sara.referral_code}")
        assert joins(browser, phone)["Location"] == "/join/wait/"
    assert not JoinRequest.objects.filter(device="").exists() and MemberDevice.objects.count() == 1

    for asked in JoinRequest.objects.all():
        approve_request(asked.pk, actor="user:1", now=timezone.now())
    read()

    reasons = {row.friend.phone: row.reasons for row in Referral.objects.select_related("friend")}
    assert reasons == {phones[0]: ["device"], phones[1]: []}
    assert MemberDevice.objects.count() == 3 and not JoinRequest.objects.exclude(device="").exists()


@pytest.mark.parametrize(("join", "reasons"), [(join_by_browser, ["device"]), (join_club, [])])
def test_the_browser_is_noted_before_anybody_can_judge(
    shop: Shop, join: Callable[..., Joined], reasons: list[str]
) -> None:
    """Without the one transaction, a consumer that reads between joining and noting lets it pass."""
    sara = shop.member()
    note_device(sara.pk, device_of("the tablet"))
    asks = Joiner(NEW, referrer=sara.referral_code, device=device_of("the tablet"))

    join(asks, actor="user:1", now=timezone.now())
    read()
    note_device(Member.objects.get(phone=NEW).pk, asks.device)

    assert Referral.objects.get().reasons == reasons


def test_the_page_says_what_a_friend_brings_and_who_leads(
    shop: Shop, club: Club, django_assert_max_num_queries
) -> None:
    change_page(share_text="بیا کافهٔ ما", shows_leaders=True, actor="user:1")
    terms(hold_days=7)
    sara, nima = shop.member(first_name="سارا", last_name="محمدی"), shop.member(first_name="نیما")
    for by in (sara, sara, nima):
        shop.buys(brought(shop, by, first_name="دوست", last_name="پنهان"), SALE)
    read()
    browser = signed_in(person(phone=nima.phone), club, "otp")

    page = browser.get("/referrals/").content.decode()

    assert "۱۰٪" in page and "بیا کافهٔ ما" in page and f"/r/{nima.referral_code}?s=rubika" in page
    assert "در راه" in page and "پنهان" not in page
    assert "سارا" not in page and "یک عضو" in page  # who has not asked to be seen
    hers = signed_in(person(phone=sara.phone), club, "otp")
    hers.post("/referrals/shown/", {"shown": "on"})
    assert "سارا م." in browser.get("/referrals/").content.decode()
    hers.post("/referrals/shown/", {})
    assert "سارا" not in browser.get("/referrals/").content.decode()
    for _ in range(8):
        brought(shop, nima)
    read()
    with django_assert_max_num_queries(28):
        browser.get("/referrals/")
    change_page(share_text="", shows_leaders=False, actor="user:1")
    assert "lead-h" not in browser.get("/referrals/").content.decode()
