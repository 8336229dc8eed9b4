"""The WSGI application that granian or gunicorn serves; it does not start with an unsafe database role."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _refuse_unsafe_role() -> None:
    from core.tenancy.checks import refuse_unsafe_role

    refuse_unsafe_role()


_refuse_unsafe_role()
