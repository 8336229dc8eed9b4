"""What the templates of the settings need beside the tags of all pages."""

from django import template

from desk.manager.settings.versions import differences, state_tag

register = template.Library()
register.filter("state_tag", state_tag)
register.filter("differences", differences)
