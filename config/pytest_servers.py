"""A pytest plugin: throw-away servers around any test run, unless the environment names some.

Loaded by `-p` in pyproject.toml and acting when it is imported: pytest-django reads the settings, and with them the
servers' addresses, before any fixture could set them. The workers of xdist inherit the environment.
"""

import os
import sys

from config.embedded import ensure_servers

# Else every worker, and every program that a test starts, would compile all of the code and of the tests anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ensure_servers(throw_away=True)
