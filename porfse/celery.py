"""The Celery application: ids in, never objects; a task may run twice."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "porfse.settings")

app = Celery("porfse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
