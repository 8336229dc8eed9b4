"""Notices on panels: who sees what and when, read by each for oneself, one row for a million, once a document."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.rights import forget_roles
from club.members.models import Member
from club.members.segment_models import Segment, SegmentMember
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from core.errors import Conflict, NotFound, ValidationFailed
from core.events import consume_all
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from crm.notices.models import Notice, NoticeRead
from crm.notices.selectors import (
    get_notice,
    new_for_member,
    new_for_staff,
    notices_of_member,
    notices_of_staff,
    reaches,
    written,
)
from crm.notices.services import (
    Draft,
    Note,
    drafted,
    notify,
    notify_many,
    notify_staff,
    publish_notice,
    seen,
    withdraw_notice,
)
from tests.accounts.cast import person
from tests.club.test_plans import plans_of
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, in_threads

DAY = timedelta(days=1)


def tell(text: str = "جمعه بسته‌ایم", audience: str = "all", **more: object) -> Notice:
    return publish_notice(Draft(audience, text, **more), actor="user:1", now=NOON)  # type: ignore[arg-type]


def texts(member: Member, at=NOON) -> list[str]:
    return [one.text for one in notices_of_member(member, at=at)]


def new(member: Member, at=NOON) -> int:
    """The badge says what the list says."""
    shown = sum(one.is_new for one in notices_of_member(member, at=at))
    assert new_for_member(member, at=at) == shown
    return shown


def test_one_row_is_a_badge_on_every_panel_and_opening_clears_it_for_that_member_alone(shop: Shop) -> None:
    one, other = shop.member(), shop.member()
    notice = tell()

    assert (new(one), new(other)) == (1, 1)
    seen(notices_of_member(one, at=NOON), at=NOON, member=one)
    seen(notices_of_member(one, at=NOON), at=NOON, member=one)

    assert (new(one), new(other)) == (0, 1)
    assert texts(one) == texts(other) == ["جمعه بسته‌ایم"]
    assert Notice.objects.count() == NoticeRead.objects.count() == 1
    assert (reaches([notice])[notice.pk].read, reaches([notice])[notice.pk].readers) == (1, 2)
    assert reaches([notice])[notice.pk].percent == 50


def test_who_is_meant_sees_it_and_nobody_else(shop: Shop) -> None:
    one, other = shop.member(), shop.member()
    tell("تنها تو", "member", member_id=one.pk)
    tell("همکاران", "staff")

    assert (texts(one), texts(other)) == (["تنها تو"], [])
    cashier = person("cashier")
    cashier.auth_method = "password"
    assert [row.text for row in notices_of_staff(cashier, at=NOON)] == ["همکاران"]


def test_a_segment_sees_its_own_while_a_member_is_in_it(shop: Shop) -> None:
    one, other = shop.member(), shop.member()
    loyal = Segment.objects.create(code="loyal", name="وفادار", kind="static")
    SegmentMember.objects.create(segment=loyal, member=one)
    notice = tell("برای وفاداران", "segment", segment_id=loyal.pk)

    assert (texts(one), texts(other), new(one)) == (["برای وفاداران"], [], 1)
    assert reaches([notice])[notice.pk].readers == 1
    SegmentMember.objects.create(segment=loyal, member=other)
    assert (new(other), reaches([notice])[notice.pk].readers) == (1, 2)
    Segment.objects.update(archived_at=NOON)
    assert texts(one) == []


def test_it_stands_from_its_start_to_its_end_and_until_it_is_withdrawn(shop: Shop) -> None:
    member = shop.member()
    notice = tell(starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)

    assert [new(member, at) for at in (NOON, NOON + DAY, NOON + 3 * DAY - timedelta(seconds=1), NOON + 3 * DAY)] == [
        0,
        1,
        1,
        0,
    ]
    withdraw_notice(notice.pk, actor="user:2", now=NOON)
    assert texts(member, NOON + DAY) == []
    with pytest.raises(Conflict):
        withdraw_notice(notice.pk, actor="user:2", now=NOON)
    assert [row.action for row in AuditEntry.objects.filter(target=f"notice:{notice.pk}").order_by("pk")] == [
        "notice.publish",
        "notice.withdraw",
    ]


def test_a_newcomer_is_not_met_by_old_news_but_by_what_still_counts(shop: Shop) -> None:
    tell("دیروز", starts_at=NOON - DAY)
    tell("تا هفتهٔ بعد", starts_at=NOON - DAY, ends_at=NOON + 7 * DAY)

    newcomer = shop.member()

    assert texts(newcomer) == ["تا هفتهٔ بعد"]


def test_what_nobody_looked_at_for_three_months_is_not_called_new(shop: Shop) -> None:
    member = shop.member()
    tell()

    assert new(member, NOON + 89 * DAY) == 1
    assert new(member, NOON + 91 * DAY) == 0
    assert texts(member, NOON + 91 * DAY) == ["جمعه بسته‌ایم"]


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("segment", Draft("segment", "x")),
        ("text", Draft("all", "  \n ")),
        ("text", Draft("all", "م" * 601)),
        ("link", Draft("all", "x", "javascript:alert(1)")),
        ("link", Draft("all", "x", "//evil.example")),
        ("link", Draft("all", "x", "http://plain.example")),
        ("link", Draft("all", "x", "/a b")),
        ("link", Draft("all", "x", "/\\evil")),
        ("link", Draft("all", "x", "/" + "a" * 300)),
        ("audience", Draft("nobody", "x")),
        ("member", Draft("member", "x")),
        ("member", Draft("member", "x", member_id=2**62)),
        ("ends_at", Draft("all", "x", ends_at=NOON)),
        ("ends_at", Draft("all", "x", starts_at=NOON + 2 * DAY, ends_at=NOON + DAY)),
    ],
)
def test_a_wrong_notice_is_refused_at_its_field_and_nothing_is_written(club: Club, field: str, draft: Draft) -> None:
    with pytest.raises(ValidationFailed) as refused:
        publish_notice(draft, actor="user:1", now=NOON)

    assert list(refused.value.errors) == [field]
    assert not Notice.objects.exists() and not AuditEntry.objects.filter(action="notice.publish").exists()


def test_words_are_kept_in_persian_letters_with_their_lines(club: Club) -> None:
    notice = drafted(Draft("all", " كيك  تازه \r\n\u200fفردا ", "/offers/"), author="user:1", now=NOON)

    assert (notice.text, notice.link) == ("کیک تازه\nفردا", "/offers/")


def test_the_system_tells_a_member_once_about_a_document(shop: Shop) -> None:
    one, other = shop.member(), shop.member()

    notify(one.pk, "جایزه‌ات آماده است", document="redemption:1", link="/rewards/", now=NOON)
    notify(one.pk, "جایزه‌ات آماده است", document="redemption:1", now=NOON + DAY)
    told = notify_many([Note(each.pk, "سطح تازه", "tier:9") for each in (one, other, one)], now=NOON)

    assert told == 2
    assert notify_many([], now=NOON) == 0
    assert sorted(texts(one)) == ["جایزه‌ات آماده است", "سطح تازه"]
    assert texts(other) == ["سطح تازه"]
    assert written(limit=9) == []  # what people wrote is another list
    with pytest.raises(ValueError):
        notify(one.pk, "x", document="", now=NOON)


def test_staff_are_told_by_their_right_or_alone_and_once(club: Club) -> None:
    manager, cashier = person("manager"), person("cashier")
    for user in (manager, cashier):
        user.auth_method = "password"
    for _twice in range(2):
        notify_staff("پیامک‌ها نمی‌روند", document="sms:418", right="manage_sms", now=NOON)
        notify_staff("صندوق را ببند", document="till:1", user=cashier, now=NOON)
        notify_staff("همه", document="all:1", now=NOON)

    def told(user: User) -> set[str]:
        forget_roles(user)
        shown = notices_of_staff(user, at=NOON)
        assert new_for_staff(user, at=NOON) == sum(one.is_new for one in shown)
        return {one.text for one in shown}

    assert told(manager) == {"پیامک‌ها نمی‌روند", "همه"}
    assert told(cashier) == {"صندوق را ببند", "همه"}
    seen(notices_of_staff(manager, at=NOON), at=NOON, user=manager)
    assert (new_for_staff(manager, at=NOON), new_for_staff(cashier, at=NOON)) == (0, 2)
    found = {one.text: reaches([one])[one.pk] for one in Notice.objects.all()}
    assert {text: (reach.read, reach.readers) for text, reach in found.items()} == {
        "پیامک‌ها نمی‌روند": (1, 1),
        "صندوق را ببند": (0, 1),
        "همه": (1, 2),
    }
    with pytest.raises(KeyError):
        notify_staff("x", document="x", right="fly", now=NOON)


def test_the_badge_is_one_query_and_the_list_two_however_many_there_are(shop: Shop) -> None:
    member, costs = shop.member(), []
    for number in (1, 30):
        for each in range(number):
            tell(f"{each}")
            notify(member.pk, f"{each}", document=f"{number}:{each}", now=NOON)
        with CaptureQueriesContext(connection) as badge:
            new_for_member(member, at=NOON)
        with CaptureQueriesContext(connection) as listed:
            shown = notices_of_member(member, at=NOON)
        with CaptureQueriesContext(connection) as read:
            seen(shown, at=NOON, member=member)
        with CaptureQueriesContext(connection) as figures:
            reaches(written(limit=20))
        costs.append([len(each) for each in (badge, listed, read, figures)])

    assert costs == [[1, 2, 1, 3]] * 2


def test_a_merged_record_brings_along_what_it_was_told_and_what_it_read(shop: Shop) -> None:
    old, left = shop.member(), shop.member()
    tell("همه")
    tell("تنها تو", "member", member_id=old.pk)
    notify(old.pk, "به هر دو", document="x", now=NOON)
    seen(notices_of_member(old, at=NOON), at=NOON, member=old)
    notify(left.pk, "به هر دو", document="x", now=NOON)
    tell("همه، پس از آن")

    merge_members(old.pk, left.pk, actor="user:1", key="m", now=NOON)
    consume_all()
    consume_all()
    left.refresh_from_db()

    assert sorted(texts(left)) == ["به هر دو", "تنها تو", "همه", "همه، پس از آن"]
    assert {one.text for one in notices_of_member(left, at=NOON) if one.is_new} == {"به هر دو", "همه، پس از آن"}


def test_of_an_erased_member_nothing_is_left_that_was_told_to_the_person_alone(shop: Shop) -> None:
    member, other = shop.member(), shop.member()
    secret = tell("سارا جان سفارشت آماده است", "member", member_id=member.pk)
    notify(member.pk, "سارا", document="x", now=NOON)
    tell("همه")
    for each in (member, other):
        seen(notices_of_member(each, at=NOON), at=NOON, member=each)

    erase_member(member.pk, actor="user:1", reason="خودش خواست", now=NOON)
    consume_all()

    assert [row.text for row in Notice.objects.all()] == ["همه"]
    assert [row.member_id for row in NoticeRead.objects.all()] == [other.pk]
    assert "سارا" not in str(AuditEntry.objects.get(target=f"notice:{secret.pk}").after)


def test_another_clubs_notice_is_not_found(club: Club, other_club: Club) -> None:
    with club_scope(other_club):
        foreign = tell()

    for act in (lambda: get_notice(foreign.pk), lambda: withdraw_notice(foreign.pk, actor="user:1", now=NOON)):
        with pytest.raises(NotFound):
            act()
    assert written(limit=9) == []


def test_sixteen_at_once_tell_and_read_once(committed_club: Club) -> None:
    member = Shop(committed_club).member()
    tell()

    def act() -> None:
        notify(member.pk, "آماده است", document="order:1", now=NOON)
        notify_staff("آماده است", document="order:1", now=NOON)
        seen(notices_of_member(member, at=NOON), at=NOON, member=member)

    in_threads(committed_club, [act] * AT_ONCE)

    assert Notice.objects.count() == 3
    assert new(member) == 0
    assert NoticeRead.objects.count() == 2


def test_the_twin_without_the_unique_key_tells_twice(club: Club, shop: Shop) -> None:
    """What keeps it once is the key over the document, not the order of the calls."""
    member = shop.member()

    notify_many([Note(member.pk, "x", "order:1"), Note(member.pk, "x", "order:2")], now=NOON)

    assert Notice.objects.count() == 2


@pytest.mark.slow
def test_among_a_crowd_the_badge_is_read_from_indexes(committed_club: Club) -> None:
    """20 notices told to each of 1,000 members, and 40 to all that half of them read."""
    shop = Shop(committed_club)
    members = [shop.member() for _each in range(3)]
    ids = [one.pk for one in members]
    for each in range(40):
        tell(f"{each}")
    with connection.cursor() as cursor:
        cursor.execute(CROWD, {"club": committed_club.pk, "at": NOON, "members": ids})
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE notices_notice, notices_noticeread, members_member")

    plans = plans_of(lambda: [new_for_member(members[0], at=NOON), notices_of_member(members[0], at=NOON)])

    assert "notice_of_member" in plans and "notice_read_by_member_once" in plans
    assert "Seq Scan" not in plans.replace("Seq Scan on members_segment", "")


CROWD = """
WITH crowd AS (
    INSERT INTO members_member (club_id, referral_code, first_name, last_name, email, gender, status, source, tags,
        custom, sms_consent, sms_consent_source, email_consent, visits, spent_rial, enrolled_at, updated_at,
        phone_reversed, tier_code, tier_floor, city)
    SELECT %(club)s, 'crowd' || n, '', '', '', '', 'active', '', '[]', '{}', true, '', false, 0, 0, %(at)s, %(at)s,
           '', '', '', ''
    FROM generate_series(1, 1000) n RETURNING id),
told AS (
    INSERT INTO notices_notice (club_id, audience, member_id, "right", text, link, starts_at, document, author,
        withdrawn_by)
    SELECT %(club)s, 'member', id, '', 'x', '', %(at)s, 'd' || n, 'system', '' FROM crowd, generate_series(1, 20) n)
INSERT INTO notices_noticeread (club_id, notice_id, member_id, read_at)
SELECT %(club)s, n.id, c.id, %(at)s FROM crowd c, notices_notice n
WHERE n.club_id = %(club)s AND n.audience = 'all' AND n.id %% 2 = 0
"""
