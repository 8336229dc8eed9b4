"""The pages of activities: noting one, what came of it, taking it back, and the types."""

import pytest

from crm.occasions.activities import add_type
from crm.occasions.models import ActivityType, Occasion
from tests.crm.occasions.acts import points
from tests.desk.conftest import joined
from tests.offering import publish

TWENTY = {"kind": "points_amount", "points": 20}


@pytest.fixture
def story(club):
    return add_type(code="story", name="استوری اینستاگرام", actor="user:1")


def note(page, **more):
    key = page.get("/desk/activities/").context["form"].initial["key"]
    return page.post("/desk/activities/", {"key": key, "who": "", "type": "story", "day": "", "note": "", **more})


def test_the_cashier_notes_a_story_and_sees_what_it_gave_and_why_the_rest_did_not(cashier, story):
    member = joined("09121112233", "سارا")
    publish("استوری", TWENTY, trigger="event:story")
    vip = {"fact": "tag", "op": "has", "value": "ویژه"}
    publish("ویژه‌ها", TWENTY, trigger="event:story", when=vip)

    answer = note(cashier, who="۰۹۱۲۱۱۱۲۲۳۳", note="کنار ویترین")

    made = Occasion.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/occasions/{made.pk}/")
    page = cashier.get(answer["Location"]).content.decode()
    assert "۲۰ امتیاز" in page
    assert "ویژه‌ها" in page
    assert points(member) == 20
    assert "کنار ویترین" in cashier.get("/desk/activities/").content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"who": "09129999999"}, "who"), ({"day": "۱۴۹۹/۰۱/۰۱"}, "day"), ({"type": "x"}, "type"), ({"who": ""}, "who")],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(cashier, story, typed, field):
    joined("09121112233", "سارا")

    answer = note(cashier, **{"who": "09121112233", "note": "یادداشت", **typed})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert "یادداشت" in answer.content.decode()
    assert not Occasion.objects.exists()


def test_the_manager_takes_a_gift_back_with_a_reason(manager, story):
    member = joined("09121112233", "سارا")
    publish("استوری", TWENTY, trigger="event:story")
    note(manager, who="09121112233")
    address = f"/desk/occasions/{Occasion.objects.get().pk}/"

    without = manager.post(f"{address}take-back/", {"reason": ""})
    assert (without.status_code, points(member)) == (422, 20)

    manager.post(f"{address}take-back/", {"reason": "استوری پاک شد"})
    assert points(member) == 0
    assert "استوری پاک شد" in manager.get(address).content.decode()
    assert "استوری اینستاگرام" in manager.get(f"/desk/members/{member.pk}/activity/").content.decode()


def test_types_are_made_and_rest(manager):
    made = manager.post("/desk/activities/types/", {"code": "story", "name": "استوری"})
    wrong = manager.post("/desk/activities/types/", {"code": "استوری", "name": "استوری"})
    again = manager.post("/desk/activities/types/", {"code": "story", "name": "استوری"})

    assert (made.status_code, wrong.status_code, again.status_code) == (302, 422, 422)
    story = ActivityType.objects.get()
    manager.post(f"/desk/activities/types/{story.pk}/", {"name": "استوری تازه"})
    story.refresh_from_db()
    assert (story.name, story.is_active) == ("استوری تازه", False)
    assert "هنوز نوعی از فعالیت نیست" in manager.get("/desk/activities/").content.decode()
