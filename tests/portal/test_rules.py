"""The club's rules: a new version stands before everything else until it is accepted, once; old ones are kept."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import get_resolver
from django.utils import timezone

from club.awards.joining import approve_request
from club.members.joining import choose_way
from club.members.models import JoinRequest, Member, RulesAcceptance, RulesVersion
from club.members.rulebook import (
    accept_rules,
    draft_of_rules,
    last_acceptance,
    publish_rules,
    rules_in_force,
    rules_to_accept,
    save_draft,
    withdraw_rules,
)
from club.purchases.merging import merge_members
from core.errors import Conflict, NotFound, ValidationFailed
from core.models import AuditEntry
from core.tenancy.middleware import forget_hosts
from tests.accounts.cast import person, signed_in, visitor

NEW = "09351112233"
BEHIND = ("/", "/ledger/", "/purchases/", "/card/", "/card/code/", "/profile/", "/profile/edit/", "/profile/phone/")


def published(text: str = "# امتیاز\nهر خرید امتیاز دارد.", *, starts_on: date | None = None) -> RulesVersion:
    now = timezone.now()
    save_draft(text, actor="user:1", now=now)
    return publish_rules(starts_on or timezone.localdate(), actor="user:1", now=now)


def test_a_new_version_stands_before_every_page_until_it_is_accepted_once(sara, browser):
    published()
    accept_rules(sara.pk, 1, address="1.1.1.1", now=timezone.now())
    assert browser.get("/").status_code == 200

    published("# امتیاز\nامتیاز یک سال می‌ماند.")

    for path in BEHIND:
        assert browser.get(path)["Location"].startswith("/rules/"), path
    shown = browser.get("/rules/?next=/ledger/").content.decode()
    assert "امتیاز یک سال می‌ماند" in shown and "نسخهٔ ۲" in shown
    before = timezone.now()
    done = browser.post("/rules/accept/", {"number": "2", "next": "/ledger/", "agree": "yes"}, REMOTE_ADDR="5.6.7.8")
    assert done["Location"] == "/ledger/"
    assert all(browser.get(path).status_code == 200 for path in BEHIND)
    kept = RulesAcceptance.objects.get(member=sara, rules__number=2)
    assert (kept.source, kept.address) == ("portal", "5.6.7.8") and before <= kept.at <= timezone.now()


def test_no_address_of_the_portal_lets_anybody_past(sara, browser):
    """Also addresses to come: whatever asks for a member asks for the rules, but for reading and accepting them."""
    published()
    names = [pattern.name for pattern in get_resolver("portal.urls").url_patterns if "<" not in str(pattern.pattern)]
    open_to_all = {"login", "join", "join_details", "join_wait", "rules", "rules_accept", "agent_apply"}

    for name in set(names) - open_to_all:
        path = "/" + next(str(p.pattern) for p in get_resolver("portal.urls").url_patterns if p.name == name)
        for answer in (browser.get(path), browser.post(path)):
            assert answer.status_code == 405 or answer["Location"].startswith("/rules/"), name


def test_a_change_that_was_posted_is_not_made_before_the_rules_are_accepted(sara, browser):
    published()

    assert browser.post("/profile/edit/", {"first_name": "ندا"})["Location"] == "/rules/"
    assert browser.post("/card/lost/")["Location"] == "/rules/"

    sara.refresh_from_db()
    assert sara.first_name == "سارا" and sara.card


def test_who_said_yes_in_a_record_merged_into_this_one_is_not_asked_again(sara, shop):
    published()
    now, old = timezone.now(), shop.member()
    accept_rules(old.pk, 1, address="1.1.1.1", now=now)
    assert rules_to_accept(sara.pk, now) is not None

    merge_members(old.pk, sara.pk, actor="user:1", key="k", now=now)

    assert rules_to_accept(sara.pk, now) is None


def test_htmx_leaves_the_page_for_the_rules(sara, browser):
    published()

    answer = browser.get("/card/code/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (403, "/rules/")


def test_without_the_mark_or_with_another_number_nothing_is_accepted(sara, browser):
    published()

    browser.post("/rules/accept/", {"number": "1"})
    browser.post("/rules/accept/", {"number": "7", "agree": "yes"})
    browser.post("/rules/accept/", {"number": "x" * 50, "agree": "yes"})
    assert not RulesAcceptance.objects.exists()

    browser.post("/rules/accept/", {"number": "1", "agree": "yes", "next": "https://evil.example/"})
    again = browser.post("/rules/accept/", {"number": "1", "agree": "yes"})
    assert RulesAcceptance.objects.count() == 1 and again["Location"] == "/"


def test_a_version_holds_from_its_day_on_and_the_one_before_until_then(sara):
    now, tomorrow = timezone.now(), timezone.localdate() + timedelta(days=1)
    first = published()
    planned = published("تازه", starts_on=tomorrow)

    assert rules_in_force(now) == first
    assert rules_in_force(now + timedelta(days=1)) == planned
    accept_rules(sara.pk, 1, address="", now=now)
    assert rules_to_accept(sara.pk, now) is None
    assert rules_to_accept(sara.pk, now + timedelta(days=1)) == planned


def test_the_day_of_a_version_is_not_gone_by_and_not_before_the_one_before(shop):
    now, today = timezone.now(), timezone.localdate()
    published(starts_on=today + timedelta(days=5))
    save_draft("تازه", actor="user:1", now=now)

    for day in (today - timedelta(days=1), today + timedelta(days=4)):
        with pytest.raises(ValidationFailed):
            publish_rules(day, actor="user:1", now=now)
    assert draft_of_rules() is not None
    publish_rules(today + timedelta(days=5), actor="user:1", now=now)
    with pytest.raises(NotFound):
        publish_rules(today + timedelta(days=6), actor="user:1", now=now)


def test_a_version_taken_back_before_its_day_is_asked_of_nobody_and_its_text_is_the_draft(sara):
    now, tomorrow = timezone.now(), timezone.localdate() + timedelta(days=1)
    first = published()
    accept_rules(sara.pk, 1, address="", now=now)
    planned = published("تازه", starts_on=tomorrow)

    assert withdraw_rules(2, actor="user:7", now=now) is True

    later = now + timedelta(days=2)
    assert rules_in_force(later) == first
    assert rules_to_accept(sara.pk, later) is None
    assert draft_of_rules().text == "تازه"
    entry = AuditEntry.objects.get(action="rules.withdraw")
    assert (entry.actor, entry.target) == ("user:7", f"rulesversion:{planned.pk}")
    assert entry.before == {"number": 2, "starts_on": tomorrow.isoformat()}
    again = publish_rules(timezone.localdate(), actor="user:1", now=now)  # earlier than the one taken back
    assert (again.number, rules_in_force(now)) == (3, again)


def test_a_draft_being_written_is_kept_when_a_version_is_taken_back(shop):
    published(starts_on=timezone.localdate() + timedelta(days=1))
    save_draft("نیمه‌کاره", actor="user:1", now=timezone.now())

    assert withdraw_rules(1, actor="user:1", now=timezone.now()) is False

    assert draft_of_rules().text == "نیمه‌کاره"


def test_a_version_that_holds_or_was_taken_back_is_not_taken_back(shop):
    now = timezone.now()
    published()
    published(starts_on=timezone.localdate() + timedelta(days=1))
    withdraw_rules(2, actor="user:1", now=now)

    for number in (1, 2):
        with pytest.raises(Conflict):
            withdraw_rules(number, actor="user:1", now=now)
    with pytest.raises(NotFound):
        withdraw_rules(3, actor="user:1", now=now)
    assert AuditEntry.objects.filter(action="rules.withdraw").count() == 1
    assert rules_in_force(now).number == 1


def test_staff_take_a_version_back_and_visitors_no_longer_find_it(shop, club, owner_browser):
    published("نخست")
    published("دوم", starts_on=timezone.localdate() + timedelta(days=3))
    assert visitor(club).get("/rules/2/").status_code == 200
    assert "/desk/rules/2/withdraw/" in owner_browser.get("/desk/rules/2/").content.decode()

    said = owner_browser.post("/desk/rules/2/withdraw/", follow=True).content.decode()

    assert "نسخهٔ ۲ پس گرفته شد و متنش پیش‌نویس است" in said and "پیش‌نویس" in said
    assert visitor(club).get("/rules/2/").status_code == 404
    assert "/rules/2/" not in visitor(club).get("/rules/").content.decode()
    shown = owner_browser.get("/desk/rules/2/").content.decode()
    assert "پس گرفته شد؛ از کسی پرسیده نشد" in shown and "withdraw" not in shown
    refused = owner_browser.post("/desk/rules/1/withdraw/", follow=True).content.decode()
    assert "دیگر در حال اجراست" in refused


def test_who_joins_accepts_the_version_shown_and_is_not_asked_again(shop, club):
    published()
    browser = signed_in(person(phone=NEW), club, "otp")
    assert "هر خرید امتیاز دارد" in browser.get("/join/details/").content.decode()

    refused = browser.post("/join/details/", {"first_name": "نگار", "rules_number": "1"})
    assert refused.status_code == 422 and 'id="id_agree_error"' in refused.content.decode()
    published("تازه")
    stale = browser.post("/join/details/", {"first_name": "نگار", "rules_number": "1", "agree": "on"})
    assert stale.status_code == 422 and 'name="rules_number" value="2"' in stale.content.decode()
    assert not Member.objects.filter(phone=NEW).exists()

    browser.post("/join/details/", {"first_name": "نگار", "rules_number": "2", "agree": "on"}, REMOTE_ADDR="5.6.7.8")
    kept = last_acceptance(Member.objects.get(phone=NEW).pk)
    assert kept is not None and (kept.rules.number, kept.source, kept.address) == (2, "join", "5.6.7.8")
    assert browser.get("/").status_code == 200


def test_who_waited_for_a_word_accepted_what_was_shown_then(shop, club):
    published()
    choose_way("approved", actor="user:1")
    forget_hosts()
    browser = signed_in(person(phone=NEW), club, "otp")
    browser.post("/join/details/", {"rules_number": "1", "agree": "on"})
    published("تازه")

    member = approve_request(JoinRequest.objects.get().pk, actor="user:1", now=timezone.now())

    kept = last_acceptance(member.pk)
    assert kept is not None and kept.rules.number == 1
    assert browser.get("/")["Location"] == "/rules/"


def test_everybody_reads_the_rules_and_their_versions_but_no_draft(shop, club):
    assert "هنوز قوانینی نوشته نشده" in visitor(club).get("/rules/").content.decode()
    published("نخست")
    published("دوم")
    save_draft("پنهان", actor="user:1", now=timezone.now())

    assert "دوم" in visitor(club).get("/rules/").content.decode()
    assert "نخست" in visitor(club).get("/rules/1/").content.decode()
    assert visitor(club).get("/rules/3/").status_code == 404
    assert visitor(club).get("/rules/99999999999999999999/").status_code == 404


def test_acceptances_are_never_changed(sara):
    published()
    accept_rules(sara.pk, 1, address="", now=timezone.now())

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE members_rulesacceptance SET at = now()")


@pytest.fixture
def owner_browser(club):
    return signed_in(person("owner"), club)


def test_staff_draft_look_publish_and_see_who_accepted(sara, club, owner_browser):
    day = timezone.localdate()
    assert owner_browser.post("/desk/rules/draft/", {"text": " ", "act": "save"}).status_code == 422

    owner_browser.post("/desk/rules/draft/", {"text": "# كيفيت\nنخست", "act": "save"})
    assert "کیفیت" in owner_browser.get("/desk/rules/draft/").content.decode()
    assert rules_in_force(timezone.now()) is None
    owner_browser.post("/desk/rules/publish/", {"starts_on": str(day)})
    accept_rules(sara.pk, 1, address="5.6.7.8", now=timezone.now())
    looked = owner_browser.post("/desk/rules/draft/", {"text": "# کیفیت\nدوم", "act": "look"})
    shown = owner_browser.get(looked["Location"]).content.decode()
    assert "<del>" in shown and "نخست</del>" in shown and "دوم</ins>" in shown
    owner_browser.post("/desk/rules/publish/", {"starts_on": str(day)})

    first = owner_browser.get("/desk/rules/1/").content.decode()
    assert f"/desk/members/{sara.pk}/" in first and "5.6.7.8" in first
    assert f"/desk/members/{sara.pk}/" not in owner_browser.get("/desk/rules/2/").content.decode()
    assert AuditEntry.objects.filter(action="rules.publish").count() == 2
    assert owner_browser.get("/desk/rules/publish/")["Location"] == "/desk/rules/"


def test_a_wrong_day_is_said_beside_its_field_and_a_draft_can_be_dropped(shop, club, owner_browser):
    save_draft("متن", actor="user:1", now=timezone.now())

    wrong = owner_browser.post("/desk/rules/publish/", {"starts_on": "۱۴۰۰/۰۱/۰۱"})
    assert wrong.status_code == 422 and 'id="id_starts_on_error"' in wrong.content.decode()

    owner_browser.post("/desk/rules/draft/", {"act": "drop"})
    assert draft_of_rules() is None


def test_a_cashier_has_no_say_in_the_rules(shop, club):
    assert signed_in(person("cashier"), club).get("/desk/rules/").status_code == 403


def test_the_gate_is_one_query(sara, browser, django_assert_num_queries):
    published()
    accept_rules(sara.pk, 1, address="", now=timezone.now())

    with django_assert_num_queries(1):
        rules_to_accept(sara.pk, timezone.now())


def test_the_page_of_a_version_costs_the_same_for_any_number_of_members(
    shop, club, owner_browser, django_assert_max_num_queries
):
    published()
    for _place in range(12):
        accept_rules(shop.member().pk, 1, address="", now=timezone.now())

    with django_assert_max_num_queries(14):
        owner_browser.get("/desk/rules/1/")
