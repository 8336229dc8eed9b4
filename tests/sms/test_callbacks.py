"""The provider calls us: repeated, out of order, and with things we never heard of."""

import pytest
from django.utils import timezone

from club.awards.enrolment import enrol_member
from config.celery import app
from core.models import DomainEvent
from core.tenancy.scope import club_scope
from sms import recording
from sms.models import InboundMessage, OutboxMessage, SmsSettings, Suppression


@pytest.fixture
def secret(club):
    return SmsSettings.objects.create().callback_secret.text


@pytest.fixture
def call(club, client, secret):
    """Call back as the provider does; `how` is get or post."""

    def act(what, *, how="post", using=None, host=None, **params):
        return getattr(client, how)(
            f"/sms/callback/{using or secret}/{what}", params, headers={"host": host or f"{club.slug}.localhost"}
        )

    return act


@pytest.fixture
def message(club):
    return OutboxMessage.objects.create(
        kind="welcome", message_class="service", phone="09121234567", status="sent", provider_id=77, cost_rial=1270
    )


def status_of(message):
    message.refresh_from_db()
    return message.status


@pytest.mark.parametrize("how", ["get", "post"])
@pytest.mark.parametrize(
    ("state", "status"), [("10", "delivered"), ("11", "undelivered"), ("14", "blocked"), ("6", "failed"), ("4", "sent")]
)
def test_a_state_moves_the_message(call, message, how, state, status):
    assert call("status", how=how, messageid="77", status=state).status_code == 200

    assert status_of(message) == status


def test_blocked_and_cancelled_give_the_money_back(call, message):
    call("status", messageid="77", status="14")
    message.refresh_from_db()
    assert message.cost_rial == 0
    assert Suppression.objects.get().reason == "operator"


@pytest.mark.parametrize("later", ["4", "5", "1", "11", "14", "100"])
def test_a_final_state_stays(call, message, later):
    call("status", messageid="77", status="10")
    call("status", messageid="77", status=later)

    assert status_of(message) == "delivered"


def test_repeated_is_nothing_new(call, message):
    call("status", messageid="77", status="10")
    message.refresh_from_db()
    first = message.final_at
    call("status", messageid="77", status="10")

    message.refresh_from_db()
    assert message.final_at == first


def test_what_we_had_given_up_may_still_be_delivered(call, message):
    OutboxMessage.objects.update(status="unknown")
    call("status", messageid="77", status="10")

    assert status_of(message) == "delivered"


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"messageid": "78", "status": "10"},
        {"messageid": "x", "status": "y"},
        {"messageid": "77", "status": "nonsense"},
        {"messageid": str(2**70), "status": "10"},
        {"messageid": "77\x00", "status": "10"},
        {"messageid": "-1", "status": "10"},
        {"messageid": "77", "status": "99999"},
    ],
)
def test_whatever_comes_is_thanked_for(call, message, params):
    assert call("status", **params).status_code == 200
    assert status_of(message) == "sent"


@pytest.fixture
def being_sent(club):
    """A message in the dispatcher's hands: the provider may have it already, we have no number of it yet."""
    return OutboxMessage.objects.create(
        kind="welcome", message_class="service", phone="09121234568", status="sending", in_doubt=True
    )


def test_an_end_told_before_its_message_is_recorded_is_to_be_told_again(call, being_sent):
    early = call("status", messageid="78", status="10")
    OutboxMessage.objects.update(status="sent", provider_id=78)
    again = call("status", messageid="78", status="10")

    assert (early.status_code, again.status_code) == (503, 200)
    assert status_of(being_sent) == "delivered"


@pytest.mark.parametrize(
    "params",
    [{"messageid": "77", "status": "10"}, {"messageid": "78", "status": "4"}, {"messageid": "x", "status": "10"}, {}],
)
def test_only_the_end_of_an_unknown_message_is_wanted_again(call, message, being_sent, params):
    assert call("status", **params).status_code == 200


def test_what_is_recorded_between_two_looks_is_not_missed(call, being_sent, monkeypatch):
    look, looks = recording._unknown, []

    def recorded_meanwhile(found):
        unknown = look(found)
        if not looks:
            OutboxMessage.objects.update(status="sent", provider_id=78)
        looks.append(unknown)
        return unknown

    monkeypatch.setattr(recording, "_unknown", recorded_meanwhile)

    assert call("status", messageid="78", status="10").status_code == 200
    assert looks[0] is True
    assert status_of(being_sent) == "delivered"


def test_a_message_in_the_hands_of_another_club_is_no_reason_to_wait(call, being_sent, other_club):
    with club_scope(other_club):
        theirs = SmsSettings.objects.create().callback_secret.text

    answer = call("status", messageid="78", status="10", host=f"{other_club.slug}.localhost", using=theirs)

    assert answer.status_code == 200


def test_persian_digits_are_digits(call, message):
    call("status", messageid="۷۷", status="۱۰")

    assert status_of(message) == "delivered"


@pytest.mark.parametrize("what", ["status", "inbound"])
def test_without_the_key_that_opens_our_secret_it_is_to_be_told_again(call, message, settings, what):
    settings.FIELD_KEYS = ["another key, with which nothing was sealed"]

    assert call(what, messageid="77", status="10", **{"from": "09121234567"}).status_code == 503
    assert status_of(message) == "sent"


@pytest.mark.parametrize("what", ["status", "inbound"])
def test_a_wrong_secret_is_no_page(call, message, what):
    answer = call(what, using="wrong", messageid="77", status="10", **{"from": "09121234567", "message": "11"})

    assert answer.status_code == 404
    assert status_of(message) == "sent"
    assert not InboundMessage.objects.exists()


def test_the_secret_of_another_club_is_no_page(call, message, other_club):
    assert call("status", host=f"{other_club.slug}.localhost", messageid="77", status="10").status_code == 404
    assert status_of(message) == "sent"


def test_other_verbs_are_refused(call):
    assert call("status", how="delete").status_code == 405


@pytest.mark.parametrize("how", ["get", "post"])
@pytest.mark.parametrize("text", ["11", "۱۱", "١١", " ۱۱ ", "لغو۱۱", "لغو ۱۱", "لغو11", "لغو‌۱۱", "«لغو»"])
def test_eleven_in_all_its_spellings_leaves(call, how, text):
    call("inbound", how=how, **{"from": "989121234567", "to": "10004346", "message": text, "messageid": "5"})

    if text == "«لغو»":
        assert not Suppression.objects.exists()
        return
    row = Suppression.objects.get()
    assert (row.phone, row.reason) == ("09121234567", "opt_out")
    assert DomainEvent.objects.get().kind == "sms.opted_out"


@pytest.fixture
def on_the_spot():
    """What is put to the broker is done at once."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_the_consent_of_who_leaves_is_kept_at_once_and_not_with_the_next_sweep(
    call, on_the_spot, django_capture_on_commit_callbacks
):
    member = enrol_member(phone="09121234567", actor="user:1", now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        call("inbound", **{"from": "09121234567", "message": "11", "messageid": "5"})

    member.refresh_from_db()
    assert not member.sms_consent


@pytest.mark.parametrize("text", ["110", "11 ؟ چند", "سلام", "", "۱۲۱۱"])
def test_other_words_change_nothing_and_are_kept(call, text):
    call("inbound", **{"from": "09121234567", "to": "10004346", "message": text, "messageid": "5"})

    assert not Suppression.objects.exists()
    assert InboundMessage.objects.get().text == text


def test_twelve_joins_again(call):
    call("inbound", **{"from": "09121234567", "message": "11", "messageid": "5"})
    call("inbound", **{"from": "09121234567", "message": "۱۲", "messageid": "6"})

    assert not Suppression.objects.exists()
    assert list(DomainEvent.objects.order_by("pk").values_list("kind", flat=True)) == ["sms.opted_out", "sms.opted_in"]


def test_a_repeated_eleven_does_not_undo_the_twelve_after_it(call):
    for text, number in [("11", "5"), ("12", "6"), ("11", "5")]:
        assert call("inbound", **{"from": "09121234567", "message": text, "messageid": number}).status_code == 200

    assert not Suppression.objects.exists()


def test_twelve_does_not_open_what_is_closed_at_the_operator(call):
    Suppression.objects.create(phone="09121234567", reason="operator")
    call("inbound", **{"from": "09121234567", "message": "12", "messageid": "6"})

    assert Suppression.objects.get().reason == "operator"


def test_eleven_of_one_who_is_closed_at_the_operator_closes_all(call):
    Suppression.objects.create(phone="09121234567", reason="operator")
    call("inbound", **{"from": "09121234567", "message": "11", "messageid": "6"})

    assert Suppression.objects.get().reason == "opt_out"


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"from": "", "message": "11"},
        {"from": "10001234", "message": "11", "messageid": "9"},
        {"from": "0049 170 1234567 and much more than fits", "message": "11", "messageid": str(2**80)},
        {"from": "09121234567", "message": "a\x00b", "messageid": "9"},
        {"from": "09121234567", "message": "م" * 5_000, "messageid": "9", "date": "99999999999999"},
    ],
)
def test_strange_replies_are_thanked_for(call, params):
    assert call("inbound", **params).status_code == 200
    assert not Suppression.objects.exists()
