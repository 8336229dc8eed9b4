"""A pytest plugin: throw-away servers around any test run, unless the environment names some.

Loaded by `-p` in pyproject.toml and acting when it is imported: pytest-django reads the settings, and with them the
servers' addresses, before any fixture could set them. The workers of xdist inherit the environment.
"""

from config.embedded import ensure_servers

ensure_servers(throw_away=True)
