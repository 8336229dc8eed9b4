#!/usr/bin/env python
"""Django's command line, beside the servers of a fresh machine where none are named in the environment."""

import os
import sys


def main() -> None:
    """Run one command; the embedded servers are found or started before settings are read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import ensure_servers

    ensure_servers()

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
