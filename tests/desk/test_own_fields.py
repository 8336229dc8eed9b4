"""The fields that a club added to its members, where the staff see them."""

from django.test import Client

from club.members.models import CustomField, Member
from club.members.services import update_member
from tests.desk.conftest import joined

LIST = "/desk/members/"


def test_a_day_of_the_members_own_is_a_jalali_day_wherever_it_stands(manager: Client, sara: Member) -> None:
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    other = joined(phone="09350000001", custom={"wedding": "2022-11-30"})
    update_member(sara.pk, {"custom": {"wedding": "2022-11-29"}}, actor="system")

    for url in (f"{LIST}{sara.pk}/", f"{LIST}{sara.pk}/activity/", "/desk/audit/",
                f"{LIST}{sara.pk}/merge/?with={other.pk}"):  # fmt: skip
        page = manager.get(url).content.decode()
        assert "سالگرد ازدواج" in page, url
        assert "۸ آذر ۱۴۰۱" in page, url
        assert "2022-11-29" not in page, url
