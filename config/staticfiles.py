"""Which static files of the libraries are collected."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class OwnStaticFiles(StaticFilesConfig):
    """Leaves out django-jalali's date picker: ours is another, and its stylesheet names pictures that are not there."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "jquery.ui.datepicker.jalali", "admin/css/main.css"]
