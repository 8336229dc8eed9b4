"""Addresses of the members' pages for the staff."""

from django.urls import path

from desk.members import cards, edit, erasing, files, merging, phone, rewards, tier, value, views

urlpatterns = [
    path("members/", views.member_list, name="members"),
    path("members/export.<str:form>", files.members_file, name="members_file"),
    path("members/<int:member_id>/", views.member_card, name="member"),
    path("members/<int:member_id>/activity/", views.activity, name="member_activity"),
    path("members/<int:member_id>/activity/export.<str:form>", files.activity_file, name="activity_file"),
    path("members/<int:member_id>/edit/", edit.edit, name="member_edit"),
    path("members/<int:member_id>/notes/", views.write_note, name="member_notes"),
    path("members/<int:member_id>/notes/<int:note_id>/", views.mend_note, name="member_note"),
    path("members/<int:member_id>/tags/", views.tag, name="member_tags"),
    path("members/<int:member_id>/segments/", views.segment, name="member_segments"),
    path("members/<int:member_id>/card/", cards.member_cards, name="member_cards"),
    path("members/<int:member_id>/card/print/", cards.print_card, name="member_card_print"),
    path("members/<int:member_id>/phone/", phone.new_phone, name="member_phone"),
    path("members/<int:member_id>/phone/code/", phone.prove_phone, name="member_phone_code"),
    path("members/<int:member_id>/merge/", merging.merge, name="member_merge"),
    path("members/<int:member_id>/erase/", erasing.erase, name="member_erase"),
    path("members/<int:member_id>/rewards/", rewards.member_rewards, name="member_rewards"),
    path("members/<int:member_id>/rewards/<int:reward_id>/", rewards.member_reward, name="member_reward"),
    path(
        "members/<int:member_id>/vouchers/<int:redemption_id>/cancel/",
        rewards.member_voucher_cancel,
        name="member_voucher_cancel",
    ),
    path("members/<int:member_id>/tier/", tier.member_tier, name="member_tier"),
    path("members/<int:member_id>/value/", value.change_value, name="member_value"),
    path("members/<int:member_id>/value/<int:entry_id>/undo/", value.undo, name="member_undo"),
]
