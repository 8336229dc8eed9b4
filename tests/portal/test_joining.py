"""Joining from the club's own page: at once, by invitation, after a word; once each, and no oracle of who is known."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from club.awards.joining import Joined, approve_request, join_club, refuse_request
from club.members.joining import (
    InvitationSpent,
    Joiner,
    choose_way,
    make_invitation,
    open_invitation,
    revoke_invitation,
)
from club.members.models import ConsentChange, CustomField, JoinRequest, Member
from club.purchases.erasure import erase_member
from core.models import AuditEntry
from core.tenancy.middleware import forget_hosts
from sms.inbound import opt_out
from sms.models import OutboxMessage, Suppression
from tests.accounts.cast import fresh_phone, person, signed_in, visitor
from tests.shop import Shop

NEW = "09351112233"
FORM = {"first_name": "نگار", "last_name": "کریمی", "birth_date": "۱۳۷۲/۰۳/۰۴", "sms_consent": "on"}


def open_as(way: str) -> None:
    choose_way(way, actor="user:1")
    forget_hosts()


def newcomer(club, phone=NEW):
    """A browser whose phone is proven and nobody's yet."""
    return signed_in(person(phone=phone), club, "otp")


def code_of(phone: str) -> str:
    return str(OutboxMessage.objects.filter(kind="otp", phone=phone).latest("id").context["code"])


def join(**more: object) -> Joined:
    return join_club(Joiner(**{"phone": NEW, "sms_consent": True, **more}), actor="user:1", now=timezone.now())


def invitation(*, most_uses: int = 1, last_day: date | None = None):
    return make_invitation(note="", most_uses=most_uses, last_day=last_day, actor="user:1", now=timezone.now())


def test_a_visitor_joins_with_phone_code_and_name_and_is_welcomed_once(shop, club):
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_joining=True)
    CustomField.objects.create(code="mood", label="خلق‌وخو")
    browser = visitor(club)

    assert "عضو باشگاه" in browser.get("/join/?source=counter:valiasr").content.decode()
    sent = browser.post("/join/?source=counter:valiasr", {"phone": "۰۹۳۵ ۱۱۱ ۲۲۳۳"})
    assert sent["Location"] == "/login/code/"
    proven = browser.post("/login/code/", {"code": code_of(NEW)})
    assert proven["Location"] == "/join/details/?source=counter%3Avaliasr"
    asked = browser.get(proven["Location"]).content.decode()
    assert "نام گربه" in asked and "خلق‌وخو" not in asked
    done = browser.post(proven["Location"], {**FORM, "custom_pet": "پشمک"})

    assert done["Location"] == "/"
    member = Member.objects.get(phone=NEW)
    assert (member.full_name, member.birth_date, member.custom) == ("نگار کریمی", date(1993, 5, 25), {"pet": "پشمک"})
    assert (member.source, member.sms_consent, member.sms_consent_source) == ("counter:valiasr", True, "join")
    given = ConsentChange.objects.get(member=member)
    assert (given.given, given.source) == (True, "join") and "پیامک کنید" in given.text
    browser.post(proven["Location"], FORM)
    assert OutboxMessage.objects.filter(kind="welcome", phone=NEW).count() == 1
    assert "خوش آمدی" in browser.get("/").content.decode()


def test_nothing_but_the_phone_is_needed_and_a_no_to_messages_is_kept(shop, club):
    newcomer(club).post("/join/details/", {})

    member = Member.objects.get(phone=NEW)
    assert (member.full_name, member.source, member.sms_consent) == ("", "join", False)
    assert Suppression.objects.filter(phone=NEW).exists()
    assert ConsentChange.objects.get(member=member).given is False


def test_a_known_phone_gets_the_same_answers_and_just_logs_in(shop, club, sara):
    answers = []
    for phone in (sara.phone, NEW):
        browser = visitor(club)
        sent = browser.post("/join/", {"phone": phone})
        page = browser.get(sent["Location"])
        answers.append((sent.status_code, sent["Location"], page.content.decode().count("کد ۶ رقمی")))
        last = browser.post("/login/code/", {"code": code_of(phone)})
        if phone == sara.phone:
            assert browser.get(last["Location"])["Location"] == "/"

    assert answers[0] == answers[1]
    assert Member.objects.count() == 1


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(shop, club):
    answer = newcomer(club).post("/join/details/", {**FORM, "birth_date": "۱۳"})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_birth_date_error"' in shown and "نگار" in shown
    assert not Member.objects.filter(phone=NEW).exists()


def test_who_has_proven_no_phone_is_sent_back_with_where_they_came_from(shop, club):
    assert visitor(club).get("/join/details/?source=counter")["Location"] == "/join/?source=counter"
    assert visitor(club).get("/join/wait/")["Location"] == "/join/"


def test_a_closed_club_says_so_and_makes_nobody_a_member(shop, club):
    open_as("closed")

    assert "بسته است" in visitor(club).get("/join/").content.decode()
    visitor(club).post("/join/", {"phone": NEW})
    newcomer(club).post("/join/details/", FORM)

    assert not Member.objects.filter(phone=NEW).exists()
    assert not OutboxMessage.objects.filter(kind="otp").exists()


def test_where_no_code_can_be_sent_the_page_says_where_to_join_instead(shop, club, settings):
    settings.SMS_LOG_IS_READ = False

    page = visitor(club).get("/join/").content.decode()
    sent = visitor(club).post("/join/", {"phone": NEW})

    assert "شماره‌ات را در صندوق بگو تا همان‌جا عضو شوی" in page and 'name="phone"' not in page
    assert sent.status_code == 503 and not OutboxMessage.objects.filter(phone=NEW).exists()


def test_an_invitation_lets_in_as_many_as_it_says(shop, club):
    open_as("invited")
    code = invitation(most_uses=2).code

    assert join(invitation=code.lower()).member.source == f"invitation:{code}"
    join(phone=fresh_phone(), invitation=f" {code} ")
    with pytest.raises(InvitationSpent):
        join(phone=fresh_phone(), invitation=code)

    assert Member.objects.count() == 2


def test_an_invitation_past_its_day_taken_back_or_made_up_lets_nobody_in(shop, club):
    open_as("invited")
    late, gone = invitation(last_day=timezone.localdate()), invitation()
    revoke_invitation(gone.pk, actor="user:1", now=timezone.now())

    assert open_invitation(late.code, now=timezone.now()) is not None
    assert open_invitation(late.code, now=timezone.now() + timedelta(days=1)) is None
    for code in (gone.code, "AAAAAAAA", "", "\x00"):
        with pytest.raises(InvitationSpent):
            join(invitation=code)


def test_a_known_member_uses_up_no_invitation(shop, club, sara):
    open_as("invited")
    code = invitation().code

    assert join(phone=sara.phone, invitation=code).member == sara

    assert open_invitation(code, now=timezone.now()) is not None


def test_the_page_asks_for_the_invitation_before_a_code_is_sent(shop, club):
    open_as("invited")
    browser = visitor(club)

    wrong = browser.post("/join/", {"phone": NEW, "invite": "BCDFGHJK"})
    assert wrong.status_code == 422 and "دعوت دیگر کار نمی‌کند" in wrong.content.decode()
    assert not OutboxMessage.objects.filter(kind="otp").exists()

    code = invitation().code
    assert code in browser.get(f"/join/?invite={code}").content.decode()
    browser.post("/join/", {"phone": NEW, "invite": code})
    details = browser.post("/login/code/", {"code": code_of(NEW)})["Location"]
    assert browser.post(details, FORM)["Location"] == "/"


def test_who_asked_waits_and_is_a_member_with_a_welcome_once_approved(shop, club):
    open_as("approved")
    browser = newcomer(club)

    assert browser.post("/join/details/?source=counter", FORM)["Location"] == "/join/wait/"
    assert "درخواستت رسید" in browser.get("/join/wait/").content.decode()
    assert not Member.objects.filter(phone=NEW).exists()
    assert browser.get("/")["Location"] == browser.get("/purchases/")["Location"] == "/join/wait/"
    assert not OutboxMessage.objects.filter(kind="welcome").exists()
    asked = JoinRequest.objects.get()
    member = approve_request(asked.pk, actor="user:7", now=timezone.now())
    approve_request(asked.pk, actor="user:7", now=timezone.now())

    assert (member.full_name, member.source, member.birth_date) == ("نگار کریمی", "counter", date(1993, 5, 25))
    assert ConsentChange.objects.get(member=member).source == "join"
    assert OutboxMessage.objects.filter(kind="welcome", phone=NEW).count() == 1
    asked.refresh_from_db()
    assert (asked.state, asked.phone, asked.first_name, asked.decided_by) == ("approved", None, "", "user:7")
    assert browser.get("/join/wait/")["Location"].startswith("/join/details/")


def test_who_wants_no_messages_is_told_of_the_approval_without_a_welcome(shop, club):
    open_as("approved")
    asked = join(first_name="نگار", sms_consent=False).request

    member = approve_request(asked.pk, actor="user:7", now=timezone.now())
    approve_request(asked.pk, actor="user:7", now=timezone.now())

    told = OutboxMessage.objects.get(phone=NEW)
    assert (told.kind, told.member_id, told.context["name"]) == ("join_approved", member.pk, "نگار")


def test_who_wanted_messages_and_then_wrote_no_gets_none_when_approved(shop, club):
    open_as("approved")
    asked = join().request
    opt_out(NEW, now=timezone.now())

    member = approve_request(asked.pk, actor="user:7", now=timezone.now())

    assert Member.objects.get(pk=member.pk).sms_consent is False
    assert Suppression.objects.filter(phone=NEW).exists()


def test_who_asks_twice_has_one_request_and_who_is_refused_is_told_once(shop, club):
    open_as("approved")
    first, second = join().request, join(first_name="دیگری").request
    assert first == second

    assert refuse_request(first.pk, actor="user:7", now=timezone.now())
    assert not refuse_request(first.pk, actor="user:7", now=timezone.now())

    assert OutboxMessage.objects.filter(kind="join_refused", phone=NEW).count() == 1
    assert "پذیرفته نشد" in newcomer(club).get("/join/wait/").content.decode()
    assert approve_request(first.pk, actor="user:7", now=timezone.now()).phone == NEW


def test_the_till_lets_in_who_waits_with_what_was_told(shop: Shop, club):
    open_as("approved")
    join(first_name="نگار", birth_date=date(1993, 5, 25))

    member = shop.member(phone=NEW, source="till")

    assert (member.first_name, member.birth_date, member.source) == ("نگار", date(1993, 5, 25), "till")
    assert Member.objects.get(pk=member.pk).birth_jalali_month == 3
    assert JoinRequest.objects.get().member == member


def test_a_request_of_somebody_erased_is_gone(shop: Shop, club):
    open_as("approved")
    join(first_name="نگار")
    member = shop.member(phone=NEW)

    erase_member(member.pk, actor="user:7", reason="خودش خواست", now=timezone.now())

    assert not JoinRequest.objects.exists()


def test_the_way_is_kept_in_the_audit_and_nonsense_is_refused(shop, club, owner_browser):
    owner_browser.post("/desk/join/way/", {"joining": "invited"})
    owner_browser.post("/desk/join/way/", {"joining": "nonsense"})

    club.refresh_from_db()
    entry = AuditEntry.objects.get(action="club.joining")
    assert (club.joining, entry.before, entry.after) == ("invited", {"joining": "open"}, {"joining": "invited"})


@pytest.fixture
def owner_browser(club):
    return signed_in(person("owner"), club)


def test_staff_make_take_back_and_hand_out_invitations(shop, club, owner_browser):
    wrong = owner_browser.post("/desk/join/invitations/", {"most_uses": "۰", "last_day": "۱۴۰۰/۰۱/۰۱", "note": "جشن"})
    assert wrong.status_code == 422 and "جشن" in wrong.content.decode()

    owner_browser.post("/desk/join/invitations/", {"most_uses": "۳", "note": "جشن"})

    listed = owner_browser.get("/desk/join/invitations/").content.decode()
    made = open_invitation(listed.split("/join/?invite=")[1][:8], now=timezone.now())
    assert made is not None and made.most_uses == 3 and "جشن" in listed
    owner_browser.post(f"/desk/join/invitations/{made.pk}/revoke/")
    assert open_invitation(made.code, now=timezone.now()) is None


def test_staff_approve_and_refuse_many_at_once(shop, club, owner_browser):
    open_as("approved")
    asked = [join(phone=fresh_phone(), first_name=f"نام{place}").request.pk for place in range(3)]

    shown = owner_browser.get("/desk/join/requests/").content.decode()
    assert all(f"نام{place}" in shown for place in range(3))
    owner_browser.post("/desk/join/requests/decide/", {"act": "approve", "one": asked[:2]})
    owner_browser.post("/desk/join/requests/decide/", {"act": "refuse", "one": ["x", "9" * 30]})
    owner_browser.post("/desk/join/requests/decide/", {"act": f"refuse:{asked[2]}", "one": asked})
    owner_browser.post("/desk/join/requests/decide/", {"act": "approve"})

    states = dict(JoinRequest.objects.values_list("pk", "state"))
    assert [states[pk] for pk in asked] == ["approved", "approved", "refused"]
    assert Member.objects.count() == 2


def test_a_cashier_prints_the_code_and_decides_nothing(shop, club):
    cashier = signed_in(person("cashier"), club)

    assert cashier.get("/desk/join/").status_code == 200
    assert cashier.get("/desk/join/requests/").status_code == 403
    assert cashier.post("/desk/join/way/", {"joining": "closed"}).status_code == 403


def test_the_list_of_requests_costs_the_same_for_any_length(shop, club, owner_browser, django_assert_max_num_queries):
    open_as("approved")
    CustomField.objects.create(code="pet", label="نام گربه")
    for place in range(12):
        join(phone=fresh_phone(), first_name=f"نام{place}", custom={"pet": "x"})

    with django_assert_max_num_queries(14):
        owner_browser.get("/desk/join/requests/")
