"""Members for the staff: found, filtered, and everything about one of them in one place."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from club.catalogue.models import Group
from club.ledger.adjustments import Adjustment, adjust_value
from club.members.cards import issue_card
from club.members.models import CustomField, Member, Note
from club.members.notes import add_note
from club.members.services import update_member
from club.members.standing import change_standing
from club.programme.services import change_programme
from club.purchases.merging import merge_members
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from core.models import Club
from core.tenancy.scope import club_scope
from reports.rfm.scoring import score_members
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE
from tests.desk.conftest import joined
from tests.shop import Shop

LIST = "/desk/members/"


def shown(client: Client, **query: str) -> list[str]:
    """The names in the list."""
    return [row.member.full_name for row in client.get(LIST, query).context["rows"]]


def buys(member: Member, amount: int, key: str, **more: object) -> int:
    order = PurchaseOrder(member_id=member.pk, amount=amount, **more)
    done = record_purchase(order, actor="system", key=key, now=timezone.now())
    assert done.id
    return done.id


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["09123454567", "+98 912 345 4567", "۰۹۱۲۳۴۵۴۵۶۷", "4567", "۴۵۶۷", "سارا", "محمدي", "C-17", "همسایه", "#همسایه"],
)
def test_members_are_found_by_phone_digits_name_card_and_tag(manager: Client, club: Club, text: str) -> None:
    joined(card="C-17", tags=["همسایه"])
    joined("09350000001", "مهدی", "کاظمی")

    assert shown(manager, q=text) == ["سارا محمدی"]


def test_a_tag_with_digits_is_found_by_what_it_says(manager: Client, sara: Member) -> None:
    joined("09350000001", "مهدی", "کاظمی", tags=["سال ۱۴۰۵", "VIP2"])

    assert shown(manager, q="سال ۱۴۰۵") == shown(manager, q="VIP2") == ["مهدی کاظمی"]
    assert shown(manager, q="۱۴۰۵") == []


def test_the_number_of_a_blocked_card_finds_nobody_and_says_why(manager: Client, sara: Member) -> None:
    lost = issue_card(sara.pk, actor="user:1").card or ""
    issue_card(sara.pk, actor="user:1", reason="گم شد")

    page = manager.get(LIST, {"q": f"{lost[:4]} {lost[4:]}"})

    assert page.context["rows"] == []
    assert "بسته شده است" in page.content.decode()


def test_filters_narrow_the_list_and_stand_as_chips_that_come_off(manager: Client, sara: Member) -> None:
    shop = Shop(sara.club)
    shop.tiers()
    mehdi = joined("09350000001", "مهدی", "کاظمی", tags=["وی‌آی‌پی"])
    blocked = joined("09350000002", "نیما", "راد")
    change_standing(blocked.pk, actor="user:1", now=timezone.now(), status="blocked")
    buys(mehdi, 20_000_000, "m")
    Member.objects.update(enrolled_at=timezone.now() - timedelta(days=1))

    assert shown(manager, tier="silver") == ["مهدی کاظمی"]
    assert shown(manager, status="blocked") == ["نیما راد"]
    assert shown(manager, tag="وی‌آی‌پی") == ["مهدی کاظمی"]
    assert shown(manager, bought="30") == ["مهدی کاظمی"]
    assert shown(manager, bought="never") == ["نیما راد", "سارا محمدی"]
    assert shown(manager, has="credit") == ["سارا محمدی"]
    assert len(shown(manager, joined="7")) == 3
    page = manager.get(LIST, {"tier": "silver", "status": "active", "q": "مهدی"})
    assert [(chip.label, chip.off) for chip in page.context["chips"]] == [
        ("نقره‌ای", f"?status=active&q={quote('مهدی')}"),
        ("فعال", f"?tier=silver&q={quote('مهدی')}"),
    ]


def test_who_has_not_come_for_ninety_days_is_found(manager: Client, sara: Member) -> None:
    now = timezone.now()
    old, new = now - timedelta(days=100), now - timedelta(days=2)
    Member.objects.filter(pk=sara.pk).update(last_purchase_at=old)
    Member.objects.filter(pk=joined("09350000001", "مهدی", "کاظمی").pk).update(last_purchase_at=new)

    assert shown(manager, bought="-90") == ["سارا محمدی"]
    assert shown(manager, bought="30") == ["مهدی کاظمی"]


def test_the_list_goes_on_page_by_page_and_shows_each_once(manager: Client, club: Club) -> None:
    for number in range(27):
        joined(f"0935000{number:04}", f"عضو {number}", "")

    first = manager.get(LIST)
    rest = manager.get(LIST, {"before": first.context["older"]})

    names = [row.member.first_name for answer in (first, rest) for row in answer.context["rows"]]
    assert names == [f"عضو {number}" for number in range(26, -1, -1)]
    assert rest.context["older"] is None


def test_an_empty_club_and_an_empty_search_say_what_to_do(manager: Client, club: Club) -> None:
    assert "هنوز عضوی نیست" in manager.get(LIST).content.decode()
    assert "پیدا نشد" in manager.get(LIST, {"q": "ناکجا"}).content.decode()


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=" + "9" * 60, "before=abc", "before=" + "9" * 60, "tier=x&status=erased&joined=-1&bought=0&has=%00"],
)
def test_nonsense_in_the_address_breaks_nothing(manager: Client, sara: Member, query: str) -> None:
    assert manager.get(f"{LIST}?{query}").status_code == 200


def test_another_clubs_members_are_not_in_the_list(manager: Client, sara: Member, other_club: Club) -> None:
    with club_scope(other_club):
        joined("09350000009", "غریبه", "")

    assert shown(manager) == ["سارا محمدی"]


# ── the card ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def regular(sara: Member) -> Member:
    """Sara with a history of everything."""
    Group.objects.create(code="cake", name="شیرینی")
    shop = Shop(sara.club)
    shop.tiers()
    shop.product("pie", 400_000, "cake")
    CustomField.objects.create(code="coffee", label="قهوهٔ همیشگی")
    change_programme({"credit_bp": 500}, effective_from=timezone.now() - timedelta(days=400), actor="user:1")
    now = timezone.now()
    update_member(sara.pk, {"custom": {"coffee": "لاته"}, "last_name": "محمدی نیک"}, actor="system")
    lines = (OrderLine(3, product="pie"), OrderLine(1, 900_000, name="فنجان"))
    bought = record_purchase(PurchaseOrder(member_id=sara.pk, lines=lines), actor="system", key="l", now=now)
    buys(sara, 500_000, "spent", pay_with=PayWith(credit="max"))
    refund_purchase(RefundOrder(bought.id or 0, lines=((1, 1),), reason="شکست"), actor="system", key="r", now=now)
    adjust_value(Adjustment(sara.pk, "points", 40, "جبران تأخیر"), actor="system", key="a", now=now)
    add_note(sara.pk, "به بادام حساسیت دارد", actor="system")
    return Member.objects.get(pk=sara.pk)


def test_the_card_says_what_the_member_has_buys_and_is(manager: Client, regular: Member) -> None:
    page = manager.get(f"{LIST}{regular.pk}/").content.decode()

    for said in ("سارا محمدی نیک", "بیشتر شیرینی می‌خرد", "خرید ۱", "خرید ۲", "بخشی برگشت", "به بادام حساسیت دارد",
                 "قهوهٔ همیشگی", "لاته", "تا نقره‌ای"):  # fmt: skip
        assert said in page, said


def test_the_card_names_how_a_member_buys_once_the_night_has_scored_it(manager: Client, regular: Member) -> None:
    assert "<dt>رفتار خرید</dt>" not in manager.get(f"{LIST}{regular.pk}/").content.decode()
    score_members(now=timezone.now() + timedelta(days=1))

    page = manager.get(f"{LIST}{regular.pk}/").content.decode()

    assert "<dt>رفتار خرید</dt>" in page
    assert "تازه‌وارد" in page
    assert "تازگی ۵، تکرار ۱، مبلغ ۱ از ۵" in page


def test_the_favourite_group_is_the_one_most_was_bought_of_and_kept(manager: Client, regular: Member) -> None:
    Group.objects.create(code="tea", name="چای")
    shop = Shop(regular.club)
    shop.product("pot", 5_000_000, "tea")
    order = PurchaseOrder(member_id=regular.pk, lines=(OrderLine(1, product="pot"),))
    done = record_purchase(order, actor="system", key="tea", now=timezone.now())

    assert manager.get(f"{LIST}{regular.pk}/").context["card"].favourite == "چای"
    refund_purchase(RefundOrder(done.id or 0, reason="x"), actor="system", key="tea-back", now=timezone.now())
    assert manager.get(f"{LIST}{regular.pk}/").context["card"].favourite == "شیرینی"


def test_activity_tells_joining_purchases_payments_spending_and_changes(manager: Client, regular: Member) -> None:
    page = manager.get(f"{LIST}{regular.pk}/activity/")

    sources = {row.source for row in page.context["rows"]}
    assert {"joined", "purchase", "payment", "spend", "refund", "value", "change"} <= sources
    assert "جبران تأخیر" in page.content.decode()
    changed = next(row for row in page.context["rows"] if row.title == "تغییر عضو")
    assert ("نام خانوادگی", "محمدی", "محمدی نیک") in {(c.label, c.before, c.after) for c in changed.changes}
    assert ("قهوهٔ همیشگی", "", "لاته") in {(c.label, c.before, c.after) for c in changed.changes}
    refund = next(row for row in page.context["rows"] if row.source == "refund")
    assert refund.text == "شکست · ‎−۹ امتیاز · ‎−۴٬۵۰۰ تومان اعتبار", "what it took back is told"


@pytest.mark.parametrize(
    ("show", "sources"),
    [("purchase", {"purchase"}), ("payment", {"payment"}), ("spend", {"spend"}), ("refund", {"refund"}),
     ("value", {"value"}), ("change", {"change", "tier", "joined"})],
)  # fmt: skip
def test_activity_is_filtered_by_kind(manager: Client, regular: Member, show: str, sources: set[str]) -> None:
    rows = manager.get(f"{LIST}{regular.pk}/activity/", {"show": show}).context["rows"]

    assert rows
    assert {row.source for row in rows} <= sources


def test_activity_goes_on_page_by_page_and_shows_each_once(
    manager: Client, regular: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [(row.source, row.id) for row in manager.get(f"{LIST}{regular.pk}/activity/").context["rows"]]
    monkeypatch.setattr("desk.members.views.HAPPENINGS", 3)

    seen, after = [], ""
    for _page in range(len(whole)):
        answer = manager.get(f"{LIST}{regular.pk}/activity/", {"after": after})
        seen += [(row.source, row.id) for row in answer.context["rows"]]
        after = answer.context["older"]
        if not after:
            break

    assert seen == whole
    assert len(set(whole)) == len(whole) > 9


@pytest.mark.parametrize("after", ["x", "1.2", "9" * 50 + ".1.1", "99999999999999999.1.1", "-1.0.0"])
def test_a_cursor_of_nonsense_breaks_nothing(manager: Client, sara: Member, after: str) -> None:
    assert manager.get(f"{LIST}{sara.pk}/activity/", {"after": after}).status_code == 200


def test_codes_of_login_are_not_in_the_history(manager: Client, sara: Member) -> None:
    from sms.models import OutboxMessage

    OutboxMessage.objects.create(kind="otp", message_class="otp", phone=sara.phone, member_id=sara.pk, text="123456")

    assert not manager.get(f"{LIST}{sara.pk}/activity/", {"show": "sms"}).context["rows"]


@pytest.mark.parametrize("page", ["", "activity/"])
def test_pages_cost_the_same_for_any_history(manager: Client, regular: Member, page: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert manager.get(f"{LIST}{regular.pk}/{page}").status_code == 200
        return len(caught)

    cost()
    before = cost()
    for number in range(6):
        buys(regular, 100_000, f"more{number}")
        add_note(regular.pk, f"یادداشت {number}", actor="system")

    assert cost() == before


def test_the_list_costs_the_same_for_3_and_for_20_members(manager: Client, club: Club) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            manager.get(LIST)
        return len(caught)

    for number in range(3):
        joined(f"0935000{number:04}")
    cost()
    few = cost()
    for number in range(3, 20):
        joined(f"0935000{number:04}")

    assert cost() == few


# ── notes and tags ────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_and_a_tag_are_written_from_the_card(manager: Client, sara: Member) -> None:
    manager.post(f"{LIST}{sara.pk}/notes/", {"text": "قهوهٔ تلخ"})
    manager.post(f"{LIST}{sara.pk}/tags/", {"tag": "همسایه"})
    note = Note.objects.get()
    manager.post(f"{LIST}{sara.pk}/notes/{note.pk}/", {"text": "چای تلخ"})
    answer = manager.post(f"{LIST}{sara.pk}/notes/{note.pk}/", {"act": "pin"}, follow=True)

    page = answer.content.decode()
    assert "چای تلخ" in page
    assert "سنجاق‌شده" in page
    assert Member.objects.get(pk=sara.pk).tags == ["همسایه"]
    manager.post(f"{LIST}{sara.pk}/tags/", {"remove": "همسایه"})
    assert Member.objects.get(pk=sara.pk).tags == []


def test_what_was_typed_stays_when_it_is_refused(manager: Client, sara: Member) -> None:
    answer = manager.post(f"{LIST}{sara.pk}/tags/", {"tag": "ب" * 41})

    assert answer.status_code == 422
    assert "ب" * 41 in answer.content.decode()
    assert "بلندتر از ۴۰" in answer.content.decode()
    assert manager.post(f"{LIST}{sara.pk}/notes/", {"text": " "}).status_code == 422


def test_the_note_of_somebody_else_is_not_changed(manager: Client, sara: Member) -> None:
    note = add_note(sara.pk, "قهوه", actor="user:999")

    answer = manager.post(f"{LIST}{sara.pk}/notes/{note.pk}/", {"text": "چای"})

    assert answer.status_code == 409
    assert Note.objects.get().text == "قهوه"


def test_scripts_in_notes_and_tags_are_shown_as_text(manager: Client, sara: Member) -> None:
    bad = "<script>alert(1)</script>"
    manager.post(f"{LIST}{sara.pk}/notes/", {"text": bad})
    manager.post(f"{LIST}{sara.pk}/tags/", {"tag": bad})

    page = manager.get(f"{LIST}{sara.pk}/").content.decode()
    assert bad not in page
    assert page.count("&lt;script&gt;") >= 2
    assert not INLINE.search(page)


# ── rights ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.CALLER, Role.CASHIER])
def test_who_may_only_look_sees_no_links_that_are_closed(club: Club, sara: Member, role: str) -> None:
    client = signed_in(person(role), club)
    buys(sara, 100_000, "p")

    page = client.get(f"{LIST}{sara.pk}/").content.decode()

    assert client.get(LIST).status_code == 200
    assert ("یادداشت تازه" in page) == (role == Role.SUPPORT)
    assert ("/desk/till/?member=" in page) == (role == Role.CASHIER)
    assert ("/desk/purchases/" in page.split("<main")[1]) == (role == Role.CASHIER)
    status = client.post(f"{LIST}{sara.pk}/notes/", {"text": "x"}).status_code
    assert status == (302 if role == Role.SUPPORT else 403)


def test_a_stranger_sees_nothing(stranger: Client, sara: Member) -> None:
    for path in (LIST, f"{LIST}{sara.pk}/", f"{LIST}{sara.pk}/activity/"):
        assert stranger.get(path).status_code == 403


def test_the_card_of_a_merged_record_leads_to_the_one_left_with_the_history_of_both(
    manager: Client, regular: Member
) -> None:
    left = joined("09350000001", "مهدی", "کاظمی")
    merge_members(regular.pk, left.pk, actor="user:1", key="merge", now=timezone.now())

    assert manager.get(f"{LIST}{regular.pk}/").url == f"{LIST}{left.pk}/"
    page = manager.get(f"{LIST}{left.pk}/activity/").content.decode()
    assert "یکی کردن دو عضو" in page
    assert "جبران تأخیر" in page
    assert "به بادام حساسیت دارد" in manager.get(f"{LIST}{left.pk}/").content.decode()


def test_an_erased_member_has_no_card(manager: Client, sara: Member) -> None:
    Member.objects.filter(pk=sara.pk).update(status="erased")

    assert manager.get(f"{LIST}{sara.pk}/").status_code == 404
    assert shown(manager) == []


# ── to the till ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_till_opens_with_the_member_chosen_and_sells_without_javascript(cashier: Client, sara: Member) -> None:
    page = cashier.get(f"/desk/till/?member={sara.pk}")

    assert "سارا محمدی" in page.content.decode()
    form = {"key": page.context["key"], "member": str(sara.pk), "who": "۰۹۱۲۳۴۵۴۵۶۷", "amount": "۱۰٬۰۰۰"}
    assert cashier.post("/desk/till/", form).status_code == 302
    assert Member.objects.get(pk=sara.pk).visits == 1


def test_the_till_knows_no_member_of_another_club(cashier: Client, other_club: Club) -> None:
    with club_scope(other_club):
        theirs = joined("09120000077")

    assert cashier.get(f"/desk/till/?member={theirs.pk}").status_code == 404
