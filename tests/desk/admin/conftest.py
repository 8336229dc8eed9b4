"""Who keeps the manager's records, a club that has something of every kind, and forms as a browser sends them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.admin_site import site
from accounts.models import ApiKey
from club.catalogue.models import Branch, Group
from club.members.models import CustomField
from club.purchases.refunds import RefundOrder, refund_purchase
from sms.models import SmsSettings, SmsTemplate, Suppression
from tests.accounts.cast import person, signed_in
from tests.shop import Shop

ADMIN = "/desk/admin/"
PROGRAMME = "programme/programmeversion/"


def text_of(answer):
    return answer.content.decode()


def ago(days):
    return timezone.now() - timedelta(days=days)


def errors_of(answer):
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


def values_of(answer):
    """The form as it is shown, as a browser would send it back."""
    form = answer.context["adminform"].form
    values = {}
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, bool):
            values.update({name: "on"} if value else {})
        elif value is not None:
            values[name] = value
    return values


@pytest.fixture
def owner(club):
    return signed_in(person("owner", name="نازنین صادقی"), club)


@pytest.fixture
def shop(club):
    shop = Shop(club)
    shop.programme(credit_bp=1000)
    shop.tiers()
    return shop


@pytest.fixture
def full(shop):
    """A club with a row of every kind."""
    sara = shop.member(phone="09120000001", first_name="سارا", last_name="كاظمي", now=ago(10))
    shop.buys(sara, 1_000_000, now=ago(3))
    part = shop.buys(sara, 2_000_000, now=ago(2))
    refund_purchase(RefundOrder(part.id, amount=500_000, reason="پسند نشد"), actor="u", key="p", now=timezone.now())
    Branch.objects.create(code="b", name="ونک")
    shop.product("cap", 1_250_000)
    Group.objects.create(code="hot", name="گرم")
    CustomField.objects.create(code="coffee", label="قهوه")
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام")
    Suppression.objects.create(phone="09121112233")
    SmsSettings.objects.get_or_create()
    ApiKey.objects.create(name="صندوق", scope="pos", prefix="0123456789", digest="x", created_by="user:1")
    return sara


def all_models():
    return sorted(site._registry, key=lambda model: model._meta.label)


def lists(kind="changelist"):
    return [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}") for model in all_models()]
