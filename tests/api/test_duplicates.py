"""The same purchase sent many times at once over HTTP, with connections that die: it is recorded once."""

import http.client
import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest
from django.db import transaction

from accounts.services import create_api_key
from club.purchases import services
from club.purchases.models import Purchase
from club.purchases.proof import verify_value
from core.idempotency import Claim, once
from core.models import IdempotencyKey
from tests.live import served
from tests.shop import Shop

TWINS = 16
KEYS = 100 if "LONG" in os.environ else 25


@pytest.fixture
def address(committed_shop: Shop) -> Iterator[tuple[str, int]]:
    with served() as port:
        yield "127.0.0.1", port


class Till:
    """A client that sends purchases of one club."""

    def __init__(self, shop: Shop, address: tuple[str, int]) -> None:
        self.address = address
        self.host = f"{shop.club.slug}.localhost"
        self.secret = create_api_key(name="till", scope="pos", actor="user:1")[1]
        self.member = shop.member()

    def body(self, amount: int) -> bytes:
        return json.dumps({"member": self.member.pk, "amount": amount}).encode()

    def headers(self, key: str) -> dict[str, str]:
        return {
            "Host": self.host,
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }

    def send(self, key: str, amount: int) -> tuple[int, bytes]:
        """Send until it is answered: a till does so after a dead connection or a twin still under way."""
        for _attempt in range(60):
            try:
                client = http.client.HTTPConnection(*self.address, timeout=20)
                client.request("POST", "/api/v1/purchases", self.body(amount), self.headers(key))
                answer = client.getresponse()
                body = answer.read()
            except (OSError, HTTPException):
                continue
            finally:
                client.close()
            if answer.status == 409 and json.loads(body)["code"] == "in_progress":
                continue
            return answer.status, body
        raise TimeoutError(key)

    def send_and_hang_up(self, key: str, amount: int) -> None:
        """The request goes out whole, nobody waits for the answer."""
        body = self.body(amount)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers(key).items())
        with socket.create_connection(self.address, timeout=20) as wire:
            wire.sendall(
                f"POST /api/v1/purchases HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            )

    def sixteen_times(self, key: str, amount: int) -> list[tuple[int, bytes]]:
        """Sixteen twins at once; every fourth hangs up first and then asks again."""

        def twin(number: int) -> tuple[int, bytes]:
            if number % 4 == 0:
                self.send_and_hang_up(key, amount)
            return self.send(key, amount)

        with ThreadPoolExecutor(TWINS) as pool:
            return list(pool.map(twin, range(TWINS)))


@pytest.mark.slow
def test_sixteen_duplicates_of_each_key_are_one_purchase(committed_shop: Shop, address: tuple[str, int]) -> None:
    """Of 25 keys; of a hundred with `make long`."""
    till = Till(committed_shop, address)

    for number in range(KEYS):
        answers = set(till.sixteen_times(f"key-{number}", 1_000_000 + number))
        assert len(answers) == 1
        assert answers.pop()[0] == 201

    assert Purchase.objects.count() == KEYS
    status, body = till.send("key-7", 999)
    assert (status, json.loads(body)["code"]) == (422, "idempotency_conflict")
    assert Purchase.objects.count() == KEYS
    assert verify_value() == []


@pytest.mark.slow
def test_twin_a_key_looked_up_before_the_work_and_kept_after_it_doubles_purchases(
    committed_shop: Shop, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard taken out: the key's row is not claimed first, so twins do not wait on it."""

    class LateClaim(Claim):
        key = fingerprint = ""

        def keep(self, answer: str) -> None:
            claim = once(self.key, fingerprint=self.fingerprint)
            if claim.answer is None:
                claim.keep(answer)

    def look_up(key: str, *, fingerprint: str) -> Claim:
        known = IdempotencyKey.objects.filter(key=key).first()
        claim = LateClaim(0, known.answer if known else None)
        claim.key, claim.fingerprint = key, fingerprint
        return claim

    monkeypatch.setattr(services, "once", look_up)
    till = Till(committed_shop, address)
    keys = 0

    while keys < 20 and Purchase.objects.count() == keys:  # until the first that is doubled
        till.sixteen_times(f"key-{keys}", 1_000_000)
        keys += 1

    assert Purchase.objects.count() > keys
    assert transaction.get_autocommit()
