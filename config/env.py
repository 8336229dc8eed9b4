"""Environment readers that refuse nonsense: a wrong value stops the start, it is never guessed at."""

import os
import re
from collections.abc import Collection
from urllib.parse import parse_qs, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

DatabaseSettings = dict[str, object]
SHORTEST_KEY = 32
SECONDS_OF = {"s": 1, "min": 60, "hour": 3_600, "day": 86_400}


def text(name: str, default: str | None = None) -> str:
    """The variable, or the default; without either the start is refused."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set; see .env.example")
    return value


def flag(name: str, default: bool) -> bool:
    """True or False; anything that is neither is refused."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false")


def choice(name: str, default: str, known: Collection[str]) -> str:
    """One of the known words; anything else is refused."""
    value = os.environ.get(name, default)
    if value not in known:
        raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(known)}")
    return value


def number(name: str, default: int) -> int:
    """A whole number; anything else is refused."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma list, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def keys(name: str) -> list[str]:
    """A comma list of long random texts; one that could be guessed is refused."""
    found = words(name)
    if any(len(word) < SHORTEST_KEY for word in found):
        raise ImproperlyConfigured(f"a key in {name} has fewer than {SHORTEST_KEY} characters")
    return found


def rate(name: str, default: str) -> tuple[int, int] | None:
    """`600/min` as (requests, seconds), by s, min, hour or day; None for `off`. Anything else is refused."""
    value = os.environ.get(name, default).strip()
    if value == "off":
        return None
    written = re.fullmatch(r"([1-9][0-9]{0,8})/(s|min|hour|day)", value)
    if written is None:
        raise ImproperlyConfigured(f"{name}={value!r} is neither a rate like 600/min nor off")
    return int(written[1]), SECONDS_OF[written[2]]


def database(url: str) -> DatabaseSettings:
    """Django's settings for `postgres://user:password@host:port/name?host=/socket/folder`."""
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("a database URL begins with postgres://")
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or ""])[0]
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.get("port", [""])[0]),
    }
