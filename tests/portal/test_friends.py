"""A member names a friend by name and number: a lead with its referrer, seen as waiting, joined and bought."""

from core.events import consume_all
from core.models import Club
from crm.leads.models import Lead
from tests.accounts.cast import person, signed_in
from tests.crm.leads.acts import lead
from tests.shop import Shop

PAGE = "/friends/"


def test_a_friend_named_by_a_member_is_a_lead_and_becomes_theirs(club: Club) -> None:
    shop = Shop(club)
    sara = shop.member(first_name="سارا")
    browser = signed_in(person(phone=sara.phone), club, method="otp")

    assert "هنوز کسی را معرفی نکرده‌ای" in browser.get(PAGE).content.decode()
    assert browser.post(PAGE, {"name": "مینا", "phone": "۰۹۱۲ ۱۲۳ ۴۵۶۷"}).status_code == 302
    named = Lead.objects.get()
    assert (named.phone, named.referrer, named.channel) == ("09121234567", sara, "portal")
    assert "در انتظار" in browser.get(PAGE).content.decode()

    mina = shop.member(phone="09121234567")
    consume_all()
    assert mina.referred_by == sara and "عضو شد" in browser.get(PAGE).content.decode()
    shop.buys(mina, 1_000_000)
    consume_all()
    assert "خرید کرد" in browser.get(PAGE).content.decode()


def test_who_is_known_is_not_told_apart_and_the_own_number_is_refused(club: Club) -> None:
    shop = Shop(club)
    sara, known = shop.member(), shop.member()
    open_lead = lead()
    browser = signed_in(person(phone=sara.phone), club, method="otp")

    answers = [browser.post(PAGE, {"name": "کسی", "phone": phone}) for phone in (known.phone, open_lead.phone)]
    own = browser.post(PAGE, {"name": "خودم", "phone": sara.phone})
    wrong = browser.post(PAGE, {"name": "", "phone": "۰۲۱"})

    assert [answer.status_code for answer in (*answers, own, wrong)] == [422] * 4
    assert all("نمی‌شود معرفی کرد" in answer.content.decode() for answer in answers)
    assert "کسی معرف خودش نمی‌شود" in own.content.decode()
    assert Lead.objects.count() == 1


def test_nobody_names_more_than_ten_a_day(club: Club) -> None:
    sara = Shop(club).member()
    browser = signed_in(person(phone=sara.phone), club, method="otp")

    statuses = [browser.post(PAGE, {"name": "دوست", "phone": f"0912123450{n}"}).status_code for n in range(10)]
    over = browser.post(PAGE, {"name": "دوست", "phone": "09121234511"})

    assert statuses == [302] * 10 and over.status_code == 422
    assert "فردا دوباره بیا" in over.content.decode() and Lead.objects.count() == 10


def test_nobody_learns_which_of_many_numbers_are_known(club: Club) -> None:
    shop = Shop(club)
    sara, known = shop.member(), shop.member()
    browser = signed_in(person(phone=sara.phone), club, method="otp")

    answers = [browser.post(PAGE, {"name": "کسی", "phone": known.phone}).content.decode() for _n in range(21)]

    assert all("نمی‌شود معرفی کرد" in answer for answer in answers[:20]) and "فردا دوباره بیا" in answers[20]
    assert "نمی‌شود معرفی کرد" not in answers[20]
    assert browser.post(PAGE, {"name": "دوست", "phone": "09121234511"}).status_code == 422
