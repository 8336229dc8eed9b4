"""The Celery application: tasks run in the scope of the club they are given, late-acknowledged, one at a time."""

import gc
import os
from typing import Any

from celery import Celery, Task
from celery.signals import worker_init, worker_process_init

POKE_SECONDS = 10

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class ClubTask(Task):  # type: ignore[type-arg]
    """A task with a `club_id` argument runs in that club's scope and language: background code cannot forget them."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from core.languages import clubs_language
        from core.tenancy.scope import club_scope

        if "club_id" not in kwargs:
            return super().__call__(*args, **kwargs)
        with club_scope(int(kwargs["club_id"])), clubs_language():
            return super().__call__(*args, **kwargs)


app = Celery("club", task_cls=ClubTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 600,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        # Without these, publishing to a lost broker tries for seconds, whatever `retry=False` says.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
    task_publish_retry=False,
    timezone="UTC",
    worker_hijack_root_logger=False,
    # One poke for the whole table of jobs (config/schedule.py): what is due, and was it run, stands in the database, so
    # beat keeps no file of its own, which a power cut could leave half written and beat then not start with.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "poke": {"task": "config.tasks.poke", "schedule": POKE_SECONDS, "options": {"expires": POKE_SECONDS}}
    },
)
app.autodiscover_tasks()


@worker_init.connect
def refuse_to_start_with_an_unsafe_role(**_: Any) -> None:
    """A worker whose role may bypass row-level security does not start."""
    from core.tenancy.checks import refuse_unsafe_role

    refuse_unsafe_role()


@worker_process_init.connect
def leave_alone_what_stays(**_: Any) -> None:
    """What was loaded for good is no garbage: a batch of gifts spends a third of its time looking through it else."""
    gc.collect()
    gc.freeze()
