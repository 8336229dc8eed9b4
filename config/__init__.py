"""Settings, addresses, background jobs, and the servers of a fresh machine."""

# Whoever loads the settings may send a task: without this a shared task would go to a broker nobody has.
from config.celery import app as celery_app

__all__ = ["celery_app"]
