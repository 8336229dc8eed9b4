"""From the outbox to the phone: what is sent, when, with which words; and what happens when it is not."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.tenancy.scope import club_scope
from sms import outbox, services
from sms.account import account_of
from sms.claims import claim
from sms.models import OutboxMessage, SmsSettings, SmsTemplate, Suppression
from sms.provider_codes import explain
from tests.sms.emulator.test_trouble import wait_for
from tests.sms.sending.conftest import ADVERTISING_LINE, LINE, calls, queue

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # 13:30 in Tehran


def age(message, **by):
    """Make a message as old as that, and due."""
    OutboxMessage.objects.filter(pk=message.pk).update(
        created_at=F("created_at") - timedelta(**by), next_attempt_at=timezone.now()
    )


def due_again(message):
    OutboxMessage.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now())


# The good way


def test_a_message_reaches_the_phone(send, provider, club):
    message = send(name="سارا")

    [received] = provider.messages_to(message.phone)
    assert received["message"] == message.text
    assert message.text.startswith(f"سارا، به باشگاه {club.name} خوش آمدی.")
    assert message.text.endswith("\nلغو۱۱")
    assert (received["sender"], received["localid"]) == (LINE, message.localid)
    assert message.status in {"sent", "delivered"}
    assert message.provider_id == received["messageid"]
    assert (message.parts, message.cost_rial) == (received["parts"], received["cost"])
    assert (message.attempts, message.in_doubt, message.error_code) == (1, False, "")
    assert message.sent_at


def test_nothing_due_asks_nobody(account, provider):
    assert services.dispatch_due(now=timezone.now()) == 0
    assert not provider.calls


def test_a_whole_batch_is_one_call(account, provider):
    for number in range(30):
        queue(phone=f"0912000{number:02}00")

    services.dispatch_due(now=timezone.now())

    assert len(calls(provider)) == 1
    assert not OutboxMessage.objects.exclude(status__in=["sent", "delivered"]).exists()


def test_the_statements_of_a_batch_do_not_grow_with_it(account, provider):
    counted = []
    for size in (3, 3, 60):
        for number in range(size):
            queue(phone=f"0912000{number:02}00")
        with CaptureQueriesContext(connection) as statements:
            services.dispatch_due(now=timezone.now())
        counted.append(len(statements))

    assert counted[1] == counted[2]


def test_two_messages_to_one_phone_go_in_two_calls(account, provider):
    queue(name="یک")
    queue(name="دو")

    services.dispatch_due(now=timezone.now())

    assert len(calls(provider)) == 2
    stored = {one["localid"]: one["messageid"] for one in provider.messages_to("09121234500")}
    assert stored == dict(OutboxMessage.objects.values_list("localid", "provider_id"))


def test_codes_go_first(account, provider):
    queue(phone="09120000100")
    queue("otp", "09120000200", code="123456")

    first = claim(now=timezone.now())

    assert [message.kind for message in first] == ["otp"]


def test_the_clubs_own_words_are_sent(send, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="خوش آمدی[[ {name}]]")

    assert send(name="سارا").text == "خوش آمدی سارا\nلغو۱۱"


@pytest.mark.parametrize(("kind", "said"), [("staff_invited", "به جمع کارکنان دعوت شده‌اید"), ("staff_reset", "بسازید")])
def test_a_message_to_the_staff_is_formal_and_has_no_line_to_leave_by(send, provider, kind, said):
    message = send(kind, name="نسرین", address="https://naron.example/staff/link/x/")

    assert message.status in {"sent", "delivered"}
    assert said in message.text and "نسرین" in message.text
    assert message.text.endswith("\nhttps://naron.example/staff/link/x/")


def test_a_message_switched_off_is_not_sent(send, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="{club}", enabled=False)

    message = send()

    assert (message.status, message.error_code) == ("skipped", "template_off")
    assert message.error_text == explain("template_off")
    assert not provider.calls


def test_a_text_broken_behind_our_back_is_not_sent(send, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="{nonsense}")

    message = send()

    assert (message.status, message.error_code) == ("skipped", "bad_template")


@pytest.mark.parametrize("text", ["{club} خوش آمدی", "[[{code}]] {club}", "{nonsense}"])
def test_a_code_goes_out_though_the_clubs_text_leaves_it_out(send, provider, text):
    SmsTemplate.objects.create(kind="otp", message_class="otp", text=text)

    assert "به کسی نگو" in send("otp", code="123456").text


@pytest.mark.parametrize("amount", ["much", [1], {"a": 1}])
def test_nonsense_in_one_message_does_not_hold_up_the_others(account, provider, amount):
    nonsense = queue("purchase_receipt", amount=amount)
    good = queue(phone="09120000100")

    services.dispatch_due(now=timezone.now())

    nonsense.refresh_from_db()
    good.refresh_from_db()
    assert (nonsense.status, nonsense.error_code) == ("skipped", "bad_template")
    assert good.status in {"sent", "delivered"}


# Login codes


def test_a_code_has_no_opt_out_line_and_ends_with_the_domain(send, provider):
    message = send("otp", code="123456", domain="naron.example.com")

    [received] = provider.messages_to(message.phone)
    assert received["message"].splitlines()[-1] == "@naron.example.com #123456"


def test_a_code_is_nowhere_in_the_outbox_once_it_is_sent(send):
    message = send("otp", code="123456", domain="n.ir")

    assert message.status in {"sent", "delivered"}
    assert "123456" not in message.text + str(message.context)
    assert "••••••" in message.text


def test_an_old_code_is_not_sent_and_not_kept(account, provider):
    message = queue("otp", code="123456")
    age(message, seconds=121)

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code, message.context) == ("skipped", "expired", {})
    assert not provider.calls


def test_a_code_of_119_seconds_is_sent(account, provider):
    message = queue("otp", code="123456")

    services.dispatch_due(now=message.created_at + timedelta(seconds=119))

    assert provider.messages_to(message.phone)


def test_a_code_that_surely_was_not_taken_is_tried_again_while_it_is_good(send, provider):
    provider.act("failures", mode="code", code=409)
    message = send("otp", code="123456")
    assert (message.status, message.context, message.text) == ("queued", {"code": "123456"}, "")

    due_again(message)
    services.dispatch_due(now=timezone.now())

    assert len(provider.messages_to(message.phone)) == 1


def test_a_code_in_doubt_is_never_sent_again(send, provider):
    provider.act("failures", mode="close")
    message = send("otp", code="123456")
    assert message.in_doubt

    due_again(message)
    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code, message.context) == ("failed", "no_answer", {})
    assert not provider.messages_to(message.phone)


def test_a_code_in_doubt_that_did_arrive_is_known_to_have(send, provider):
    provider.act("failures", mode="close", accept=True)
    message = send("otp", code="123456")

    age(message, seconds=300)
    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert message.status in {"sent", "delivered"}
    assert (len(provider.messages_to(message.phone)), message.context) == (1, {})


def test_a_code_goes_by_the_template_of_the_provider_where_one_is_named(account, send, provider):
    SmsSettings.objects.update(otp_template="login-code")

    message = send("otp", code="123456")

    [received] = provider.messages_to(message.phone)
    assert received["kind"] == "lookup"
    assert message.status in {"sent", "delivered"}


def test_a_code_that_is_read_out_is_no_login_code_and_goes_in_its_own_words(account, send, provider):
    SmsSettings.objects.update(otp_template="login-code")

    message = send("phone_proof", code="123456")

    [received] = provider.messages_to(message.phone)
    assert received["kind"] == "sms"
    assert "به صندوق بگو" in received["message"] and "123456" in received["message"]
    assert "123456" not in message.text + str(message.context)


def test_a_template_that_the_provider_does_not_know_gives_way_to_plain_text(account, send, provider):
    SmsSettings.objects.update(otp_template="missing")

    message = send("otp", code="123456")

    [received] = provider.messages_to(message.phone)
    assert received["kind"] == "sms"
    assert "123456" in received["message"]


@pytest.mark.parametrize("reason", ["opt_out", "operator", "manual"])
def test_a_code_reaches_also_those_who_want_nothing_else(send, provider, reason):
    Suppression.objects.create(phone="09121234500", reason=reason)

    assert send("otp", code="123456").status in {"sent", "delivered"}


# Those who want none, and the hours of advertising


@pytest.mark.parametrize("reason", ["opt_out", "manual"])
def test_who_left_gets_nothing(send, provider, reason):
    Suppression.objects.create(phone="09121234500", reason=reason)

    message = send()

    assert (message.status, message.error_code) == ("skipped", "opted_out")
    assert not provider.calls


def test_who_closed_advertising_still_gets_receipts(send, provider):
    Suppression.objects.create(phone="09121234500", reason="operator")

    assert send().status in {"sent", "delivered"}


@pytest.fixture
def advertise(account):
    """Send «welcome» as advertising at a moment of the day."""
    SmsTemplate.objects.create(kind="welcome", message_class="advertising", text="{club}")

    def act(now):
        message = queue()
        OutboxMessage.objects.filter(pk=message.pk).update(created_at=now, next_attempt_at=now)
        services.dispatch_due(now=now)
        message.refresh_from_db()
        return message

    return act


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (datetime(2026, 11, 22, 5, 29, tzinfo=UTC), datetime(2026, 11, 22, 5, 30, tzinfo=UTC)),
        (datetime(2026, 11, 22, 17, 30, tzinfo=UTC), datetime(2026, 11, 23, 5, 30, tzinfo=UTC)),
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), datetime(2026, 11, 23, 5, 30, tzinfo=UTC)),
    ],
)
def test_advertising_waits_for_the_morning(advertise, provider, moment, until):
    message = advertise(moment)

    assert (message.status, message.next_attempt_at, message.attempts) == ("queued", until, 0)
    assert not provider.calls
    services.dispatch_due(now=until)
    assert provider.messages_to(message.phone)


@pytest.mark.parametrize("minutes", [330, 17 * 60 + 29])
def test_advertising_goes_by_day_from_its_own_line(advertise, provider, minutes):
    message = advertise(datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=minutes))

    assert provider.messages_to(message.phone)[0]["sender"] == ADVERTISING_LINE
    assert message.message_class == "advertising"


def test_advertising_never_goes_from_a_service_line(advertise, provider):
    SmsSettings.objects.update(advertising_line="", is_service_line=True)

    message = advertise(NOW)

    assert (message.status, message.error_code) == ("skipped", "advertising_line")


def test_advertising_is_not_sent_to_who_closed_it(advertise, provider):
    Suppression.objects.create(phone="09121234500", reason="operator")

    assert advertise(NOW).error_code == "no_advertising"


def test_who_blocks_at_the_operator_is_not_tried_again(send, provider):
    message = send(phone="09121234503")  # …03: the emulated subscriber refuses advertising
    assert (message.status, message.error_code, message.cost_rial) == ("blocked", "state_14", 0)
    assert Suppression.objects.get().reason == "operator"


# When it does not go out


def test_a_lost_provider_costs_one_call_and_the_messages_wait(account, provider, settings):
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:1"
    for number in range(300):
        queue(phone=f"0912{number:07}")

    services.dispatch_due(now=timezone.now())

    assert set(OutboxMessage.objects.values_list("status", "error_code", "in_doubt").distinct()) == {
        ("queued", "network", False),
        ("queued", "", False),
    }
    settings.KAVENEGAR_BASE_URL = provider.base_url
    services.dispatch_due(now=timezone.now() + timedelta(minutes=5))
    assert not OutboxMessage.objects.filter(status="queued").exists()
    assert len(provider.act("messages", verb="GET", limit=1000)["messages"]) == 300


@pytest.mark.parametrize("code", [409, 429, 451])
def test_a_busy_provider_is_tried_again_later(send, provider, code):
    provider.act("failures", mode="code", code=code)
    before = timezone.now()

    message = send()

    assert (message.status, message.error_code, message.attempts) == ("queued", str(code), 1)
    assert message.next_attempt_at >= before + timedelta(seconds=30)
    services.dispatch_due(now=message.next_attempt_at)
    assert len(provider.messages_to(message.phone)) == 1
    assert not calls(provider, "sms/statuslocal"), "it was surely not taken: nobody needs to be asked"


def test_the_pauses_grow_and_are_counted_in_the_database(send, provider):
    provider.act("failures", mode="code", code=409, times=-1)
    message = send()
    pauses = []
    for _ in range(8):
        now = message.next_attempt_at
        services.dispatch_due(now=now)
        message.refresh_from_db()
        pauses.append((message.next_attempt_at - now).total_seconds())

    assert pauses == [60, 120, 300, 900, 1800, 3600, 3600, 3600]
    assert message.attempts == 9


def test_after_three_days_it_is_given_up(send, provider):
    provider.act("failures", mode="code", code=409)
    message = send()
    age(message, hours=73)

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("skipped", "gave_up")


@pytest.mark.parametrize("mode", ["timeout", "close", "html", "broken_json", "no_return"])
@pytest.mark.parametrize("taken", [True, False])
def test_in_doubt_the_provider_is_asked_and_nothing_is_sent_twice(send, provider, failing, mode, taken):
    with failing(mode, accept=taken):
        message = send()
    assert (message.status, message.in_doubt) == ("queued", True)
    wait_for(lambda: not taken or provider.messages_to(message.phone))

    services.dispatch_due(now=message.next_attempt_at)

    message.refresh_from_db()
    assert message.status in {"sent", "delivered"}
    assert len(provider.messages_to(message.phone)) == 1
    assert len(calls(provider, "sms/statuslocal")) == 1
    assert len(calls(provider, "sms/send")) == (1 if taken else 2)


def test_a_batch_that_was_sent_but_not_recorded_is_asked_about(account, provider, monkeypatch):
    message = queue()
    now = timezone.now()

    def died(self, done):
        if provider.calls:
            raise KeyboardInterrupt
        return

    with monkeypatch.context() as patched:
        patched.setattr(services.Dispatch, "_write", died)
        with pytest.raises(KeyboardInterrupt):
            services.dispatch_due(now=now)
    assert len(provider.messages_to(message.phone)) == 1

    assert services.dispatch_due(now=now + timedelta(minutes=9)) == 0, "the lease still runs"
    services.dispatch_due(now=now + timedelta(minutes=11))

    message.refresh_from_db()
    assert message.status in {"sent", "delivered"}
    assert message.provider_id == provider.messages_to(message.phone)[0]["messageid"]
    assert len(calls(provider, "sms/send")) == 1


def test_one_bad_number_does_not_hold_up_the_others(account, provider):
    for number in range(8):
        queue(phone=f"0912000{number:02}00")
    bad = queue(phone="0912")

    services.dispatch_due(now=timezone.now())

    bad.refresh_from_db()
    assert (bad.status, bad.error_code, bad.error_text) == ("failed", "411", explain("411"))
    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"]).count() == 8


def test_a_text_that_is_refused_fails_alone(account, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="{name}")
    long = queue(name="س" * 1_000)
    good = queue(phone="09120000100", name="سارا")

    services.dispatch_due(now=timezone.now())

    long.refresh_from_db()
    good.refresh_from_db()
    assert (long.status, long.error_code) == ("failed", "413")
    assert good.status in {"sent", "delivered"}


def test_an_empty_account_waits_for_credit(account, provider):
    provider.act("accounts", key=provider.key, credit=0)
    message = queue()
    now = timezone.now()

    services.dispatch_due(now=now)

    message.refresh_from_db()
    assert (message.status, message.error_code, message.attempts) == ("queued", "418", 0)
    assert message.next_attempt_at == now + timedelta(minutes=15)
    provider.act("accounts", key=provider.key, credit=1_000_000)
    services.dispatch_due(now=message.next_attempt_at)
    assert provider.messages_to(message.phone)


@pytest.mark.parametrize("code", [401, 403, 407, 412, 427])
def test_a_wrong_account_rests_until_its_settings_are_saved(account, send, provider, code):
    provider.act("failures", mode="code", code=code)

    message = send()

    assert (message.status, message.error_code) == ("queued", str(code))
    account.refresh_from_db()
    assert (account.stopped_code, account.stopped_text) == (str(code), explain(str(code)))
    asked = len(provider.calls)
    services.dispatch_due(now=timezone.now() + timedelta(hours=1))
    assert len(provider.calls) == asked, "nobody knocks at a closed door"

    account.save()
    services.dispatch_due(now=timezone.now())
    assert provider.messages_to(message.phone)


def test_a_key_that_nobody_can_read_any_more_is_asked_for(account, send, provider, settings):
    settings.FIELD_KEYS = ["another key, with which nothing was sealed"]

    message = send()

    assert (message.status, message.error_code) == ("queued", "secret_unreadable")
    assert not provider.calls
    account.refresh_from_db()
    assert (account.stopped_code, account.stopped_text) == ("secret_unreadable", explain("secret_unreadable"))

    account.api_key = provider.key
    account.save()
    services.dispatch_due(now=timezone.now())
    assert provider.messages_to(message.phone)
    assert account.callback_secret.is_readable, "a new one, as the old one cannot be read either"


def test_the_account_tells_its_key_to_nobody(account, provider):
    provider.act("accounts", key="top-secret-key-1234", lines=[LINE])
    SmsSettings.objects.update(api_key="top-secret-key-1234")
    chosen = account_of(SmsSettings.objects.get())

    assert "top-secret" not in f"{chosen}{chosen!r}{vars(chosen)}{SmsSettings.objects.get().__dict__}"
    assert chosen.gateway().states([1])


def test_codes_are_forgotten_also_while_the_account_rests(account, provider):
    message = queue("otp", code="123456")
    SmsSettings.objects.update(stopped_code="403")
    age(message, seconds=200)

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.context) == ("skipped", {})


def test_without_a_key_messages_wait(club, provider):
    message = queue()

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("queued", "no_key")


def test_a_club_without_an_account_uses_the_installations(club, provider, settings):
    settings.KAVENEGAR_API_KEY, settings.KAVENEGAR_SENDER = provider.key, LINE
    message = queue()

    services.dispatch_due(now=timezone.now())

    assert provider.messages_to(message.phone)[0]["sender"] == LINE
    assert SmsSettings.objects.get().callback_secret.text


def test_without_a_line_the_accounts_default_is_used(account, send, provider):
    SmsSettings.objects.update(sender_line="", advertising_line="")

    assert send().status in {"sent", "delivered"}


def test_the_console_writes_to_the_log(club, settings, caplog):
    settings.SMS_GATEWAY = "console"
    caplog.set_level("INFO")
    message = queue(name="سارا")

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.cost_rial) == ("delivered", 0)
    assert "سارا، به باشگاه" in caplog.text


def test_what_is_written_is_what_was_meant_to_the_microsecond(account, provider):
    message = queue("otp", code="123456")
    now = datetime(2026, 11, 22, 10, 0, 0, 123457, tzinfo=UTC)
    OutboxMessage.objects.update(created_at=now, next_attempt_at=now)
    provider.act("pace", final_seconds=3600)

    services.dispatch_due(now=now)

    message.refresh_from_db()
    assert (message.sent_at, message.next_poll_at) == (now, now + timedelta(minutes=5))
    assert (message.context, message.final_at, message.member_id) == ({}, None, None)


def test_another_clubs_messages_are_not_touched(account, other_club, provider):
    with club_scope(other_club):
        outbox.enqueue("welcome", phone="09120000100", context={})

    assert services.dispatch_due(now=timezone.now()) == 0
    assert not provider.calls


def test_where_links_are_refused_the_messages_go_without(account, provider):
    provider.act("accounts", key=provider.key, links_refused=True)
    for number in range(5):
        queue(phone=f"0912000{number:02}00")

    services.dispatch_due(now=timezone.now())

    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"]).count() == 5
    assert not OutboxMessage.objects.filter(text__contains="http").exists()
    assert len(calls(provider)) == 2


def test_a_link_of_the_managers_own_is_refused_for_good(account, provider):
    provider.act("accounts", key=provider.key, links_refused=True)
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="https://x.ir {club}")
    message = queue()

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("failed", "420")


def test_the_task_of_the_poke_works_in_the_clubs_scope(account, provider):
    from sms.tasks import dispatch_outbox

    message = queue()

    dispatch_outbox(club_id=message.club_id)

    assert provider.messages_to(message.phone)
