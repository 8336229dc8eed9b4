"""Over which account and lines the club in scope sends: its own, or the installation's where it has none."""

from dataclasses import dataclass, replace
from datetime import time

from django.conf import settings

from core.secrets import Secret, SecretUnreadable
from sms.gateways.base import Gateway, ProviderDisabled
from sms.gateways.console import Console
from sms.gateways.kavenegar import Kavenegar
from sms.models import SmsSettings


@dataclass(frozen=True)
class Account:
    """What sending needs to know of the club's settings; the key stays out of its repr."""

    gateway_name: str
    line: str
    advertising_line: str
    otp_template: str
    window: tuple[time, time]
    stopped_code: str
    is_own: bool
    api_key: Secret

    @property
    def can_send(self) -> bool:
        """Whether messages leave the house: there is a provider, and a key to it."""
        return self.gateway_name != SmsSettings.Gateway.CONSOLE and bool(self.api_key)

    def gateway(self) -> Gateway:
        """The provider, ready to be called. Raises ProviderDisabled where there is no key, or one nobody can read."""
        if self.gateway_name == SmsSettings.Gateway.CONSOLE:
            return Console()
        try:
            key = self.api_key.text
        except SecretUnreadable as unreadable:
            raise ProviderDisabled(unreadable.code) from None
        return Kavenegar(key, base_url=settings.KAVENEGAR_BASE_URL)


def account() -> Account:
    """The account of the club in scope; its row of settings, with the secret of the callbacks, is made when missing."""
    return account_of(SmsSettings.objects.get_or_create()[0])


def account_of(chosen: SmsSettings) -> Account:
    """What these settings, saved or not, come to."""
    own = Account(
        gateway_name=chosen.gateway or settings.SMS_GATEWAY,
        line=chosen.sender_line,
        advertising_line=chosen.advertising_line or ("" if chosen.is_service_line else chosen.sender_line),
        otp_template=chosen.otp_template,
        window=(chosen.window_from, chosen.window_to),
        stopped_code=chosen.stopped_code,
        is_own=bool(chosen.api_key),
        api_key=chosen.api_key,
    )
    if own.is_own:
        return own
    line = getattr(settings, "KAVENEGAR_SENDER", "")
    return replace(
        own,
        line=own.line or line,
        advertising_line=own.advertising_line or ("" if chosen.is_service_line else line),
        api_key=Secret.of(getattr(settings, "KAVENEGAR_API_KEY", "")),
    )
