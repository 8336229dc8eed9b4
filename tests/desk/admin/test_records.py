"""Every list and record of the admin opens, in Persian, at a constant cost, with a history in our own audit."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApiKey, StaffRole
from club.catalogue.models import Branch
from club.programme.models import ProgrammeVersion
from core.jalali import format_date
from core.models import Club
from tests.core.test_pages import INLINE
from tests.desk.admin.conftest import ADMIN, PROGRAMME, ago, all_models, lists, text_of, values_of


def test_every_list_and_record_opens_without_inline_code(owner, full):
    for model, address in zip(all_models(), lists(), strict=True):
        answer = owner.get(address, follow=True)
        assert answer.status_code == 200, address
        assert INLINE.search(text_of(answer)) is None, address
        row = model.objects.first() if model is not Club else Club.objects.get(pk=full.club_id)
        if row is not None:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            answer = owner.get(reverse(name, args=[row.pk]))
            assert answer.status_code == 200, name
            assert INLINE.search(text_of(answer)) is None, name


def test_dates_are_jalali_and_digits_persian_in_lists(owner, full):
    shown = text_of(owner.get(ADMIN + "purchases/purchase/")).split('id="result_list"')[1].split("</table>")[0]
    words = re.sub(r"<[^>]+>", " ", shown)

    assert format_date(ago(3), "numeric") in words
    assert re.search(r"[0-9]", words) is None


@pytest.mark.parametrize("address", ["members/member/", "purchases/purchase/", "ledger/entry/"])
def test_lists_take_the_same_queries_for_few_and_many_rows(owner, shop, address):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(ADMIN + address).status_code == 200
        return len(queries)

    shop.buys(shop.member(now=ago(3)), 100_000, now=ago(2))
    cost()
    few = cost()
    for _number in range(12):
        shop.buys(shop.member(now=ago(3)), 100_000, now=ago(2))

    assert cost() == few


def test_a_list_says_that_it_is_empty_and_how_to_begin(owner, club):
    empty, sought = (text_of(owner.get(ADMIN + "catalogue/branch/" + query)) for query in ("", "?q=zzz"))

    assert "هنوز چیزی این‌جا نیست" in empty
    assert 'href="/desk/admin/catalogue/branch/add/"' in empty.split('class="empty"')[1]
    assert "با این فیلترها چیزی پیدا نشد" in sought


def test_history_is_our_audit_and_django_s_log_stays_empty(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/"
    owner.post(f"{address}change/", {**values_of(owner.get(f"{address}change/")), "first_name": "مریم"})

    answer = owner.get(f"{address}history/", follow=True)

    assert "تغییر عضو" in text_of(answer)
    assert "نازنین صادقی" in text_of(answer)
    assert not LogEntry.objects.exists()


def test_every_record_has_a_history(owner, full):
    role, key = StaffRole.objects.get(), ApiKey.objects.get()
    wanted = {
        f"accounts/staffrole/{role.pk}": role.user.actor,
        f"accounts/apikey/{key.pk}": f"api_key:{key.pk}",
        f"{PROGRAMME}{ProgrammeVersion.objects.latest('id').pk}": "programme",
        f"catalogue/branch/{Branch.objects.get().pk}": f"branch:{Branch.objects.get().pk}",
    }
    for address, target in wanted.items():
        answer = owner.get(f"{ADMIN}{address}/history/")
        assert answer["Location"].endswith(target.replace(":", "%3A")), address
        assert owner.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "day_from=x&day_to=y",
        "day_from=1405/1/1",
        "state=zzz",
        "buyer=zzz",
        "p=99",
        "p=x",
        "o=99",
        "unknown__x=1",
        "of=0",
    ],
)
def test_a_wrong_address_of_a_list_is_no_server_error(owner, full, query):
    assert owner.get(f"{ADMIN}purchases/purchase/?{query}").status_code in {200, 302}
