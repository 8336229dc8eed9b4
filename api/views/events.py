"""Activities of members that earn by offers."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.bodies import NEW_EVENT
from api.document import describe
from api.once import required_key
from api.views.base import ApiView, stored_answer
from crm.occasions.activities import Activity, record_activity


class Events(ApiView):
    pos_may_write = True

    @describe("Record what a member did", body=NEW_EVENT, answer="Event", status=201, key="required")
    def post(self, request: Request) -> HttpResponse:
        key = required_key(request)
        said = {name: value for name, value in self.body(NEW_EVENT).items() if value is not None}
        receipt = record_activity(Activity(**said), actor=self.actor, key=key, now=self.now)
        return stored_answer(receipt.dump(), replayed=receipt.replayed)
