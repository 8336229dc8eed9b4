"""RFM scores of the night against a plain replay of the same log, and what they leave alone."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from club.members.models import Member, MemberScore
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.refunds import RefundOrder, refund_purchase
from core.rows import insert_rows
from core.tenancy.scope import club_scope
from reports.rfm.classes import class_of
from reports.rfm.scoring import score_members, year_before
from tests.club.logs import SAMPLE
from tests.club.test_import_lines import read_all

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # 29 Aban 1405, 15:30 in Tehran


def ago(days):
    return NOW - timedelta(days=days)


def scored():
    """{member: (class, scores)} as the rows say."""
    return {row.member_id: (row.rfm_class, str(row)) for row in MemberScore.objects.all()}


def test_of_a_shops_log_each_customer_scores_as_a_plain_replay_says(shop):
    bought = defaultdict(list)
    for line in read_all(SAMPLE):
        bought[line.member].append((line.occurred_at, line.amount))
    now = datetime(1998, 3, 2, 12, tzinfo=UTC)
    since, until = datetime(1997, 2, 28, 20, 30, tzinfo=UTC), datetime(1998, 3, 1, 20, 30, tzinfo=UTC)
    members = dict(zip(bought, filled(bought), strict=True))

    said = score_members(now=now)

    # The plain replay: for each customer, how many others are fresher, buy more rarely, spend less.
    figures = {}
    for customer, lines in bought.items():
        if within := [line for line in lines if since <= line[0] < until]:
            figures[members[customer]] = max(within)[0], len(within), sum(line[1] for line in within)
    among = len(figures)
    expected = {}
    for member, (last, times, spent) in figures.items():
        r = 5 - 5 * sum(other[0] > last for other in figures.values()) // among
        f = 1 + 5 * sum(other[1] < times for other in figures.values()) // among
        m = 1 + 5 * sum(other[2] < spent for other in figures.values()) // among
        expected[member] = class_of(r, f, m), f"{r}{f}{m}"
    assert scored() == expected
    assert said == f"{among} scores written, 0 dropped"
    assert len({code for code, _scores in expected.values()}) == 11
    assert among > 1_000


def filled(bought):
    """The customers of the log as members with purchases; the ids, in order."""
    names = ("phone", "referral_code", "enrolled_at", "updated_at")
    first = datetime(1997, 1, 1, tzinfo=UTC)
    ids = insert_rows(Member, names, [(None, f"r{place}", first, first) for place in range(len(bought))])
    lines = [(member, *line) for member, own in zip(ids, bought.values(), strict=True) for line in own]
    money = ("gross", "net", "payable")
    nothing = ("discount", "vat", "paid_by_credit", "paid_by_points", "points_spent", "point_worth", "points_earned")
    insert_rows(
        Purchase,
        ("number", "member_id", "occurred_at", *money, *nothing, "credit_earned", "actor"),
        [
            (place, member, at, *[amount] * 3, *[0] * len(nothing), 0, "system")
            for place, (member, at, amount) in enumerate(lines)
        ],
    )
    return ids


def test_the_year_ends_yesterday_and_what_came_back_whole_is_not_counted(shop, other_club):
    today, yesterday, old, returned = (shop.member(now=ago(500)) for _one in range(4))
    shop.buys(today, 100_000, now=NOW)
    shop.buys(yesterday, 100_000, now=ago(1))
    shop.buys(old, 100_000, now=ago(366))
    bought = shop.buys(returned, 100_000, now=ago(9))
    refund_purchase(RefundOrder(purchase_id=bought.id), actor="user:1", key="back", now=ago(8))

    assert score_members(now=NOW) == "1 scores written, 0 dropped"
    assert scored() == {yesterday.pk: ("new", "511")}

    with club_scope(other_club):
        assert score_members(now=NOW) == "0 scores written, 0 dropped"
    assert len(scored()) == 1


def test_only_what_has_changed_is_written(shop):
    members = [shop.member(now=ago(500)) for _one in range(5)]
    for place, member in enumerate(members):
        for time in range(place + 1):
            shop.buys(member, 100_000, now=ago(30 - place - time))
    assert score_members(now=NOW) == "5 scores written, 0 dropped"
    before = {row.member_id: row.scored_at for row in MemberScore.objects.all()}
    assert scored()[members[4].pk] == ("champions", "555")

    assert score_members(now=NOW) == "0 scores written, 0 dropped"
    shop.buys(members[0], 1_000_000, now=ago(1))
    later = NOW + timedelta(hours=1)

    said = score_members(now=later)

    after = {row.member_id: row.scored_at for row in MemberScore.objects.all()}
    changed = {member for member, at in after.items() if at == later}
    assert said == f"{len(changed)} scores written, 0 dropped"
    assert members[0].pk in changed
    assert {member: at for member, at in after.items() if member not in changed}.items() <= before.items()
    assert score_members(now=NOW + timedelta(days=400)) == "0 scores written, 5 dropped"


def test_who_was_merged_or_erased_has_no_score(shop):
    one, two, three = (shop.member(now=ago(500)) for _one in range(3))
    for member in (one, two, three):
        shop.buys(member, 100_000, now=ago(9))
    score_members(now=NOW)

    merge_members(one.pk, two.pk, actor="user:1", key="merge", now=NOW)
    erase_member(three.pk, actor="user:1", reason="خودش خواست", now=NOW)
    assert set(scored()) == {two.pk}

    score_members(now=NOW)
    assert set(scored()) == {two.pk}
    assert scored()[two.pk][1] == "511"


def test_a_year_before_30_esfand_is_29_esfand():
    assert year_before(date(2025, 3, 20)) == date(2024, 3, 19)  # 30 Esfand 1403, of which 1402 has none
    assert year_before(date(2026, 11, 20)) == date(2025, 11, 20)
