"""The table of scheduled jobs: name, when (by the clock of each club), what. Beat only pokes; the database decides."""

from datetime import timedelta

from core.jobs import Job
from core.timetable import Daily, Every

NIGHT = 22
SCHEDULE: tuple[Job, ...] = (
    Job(
        "expire_value",
        Daily(0, 10),
        "club.ledger.tasks.expire_value",
        "Ends points and credit whose last day is over.",
        longest=timedelta(hours=1),
    ),
    Job(
        "end_tiers_for_a_time",
        Daily(0, 15),
        "club.tiers.tasks.end_tiers_for_a_time",
        "Ends the tiers given for a time that is over, and warns whose tier given by hand ends soon.",
        longest=timedelta(hours=1),
    ),
    Job(
        "review_tiers",
        Daily(0, 20),
        "club.tiers.tasks.review_tiers",
        "Brings members to the tier that their figures reach, downward after a grace.",
        longest=timedelta(hours=2),
    ),
    Job(
        "agents_daily",
        Daily(0, 5),
        "crm.agents.tasks.agents_daily",
        "Ends agents' contracts that are over, and makes due the commissions that were held long enough.",
    ),
    Job(
        "seal_ledger", Every(3600), "club.ledger.tasks.seal", "Chains a hash over the entries of each day that is over."
    ),
    Job(
        "prove_ledger",
        Daily(3, 30),
        "club.purchases.tasks.prove",
        "Proves that entries, balances, lots, seals and documents fit.",
        longest=timedelta(hours=2),
    ),
    Job(
        "note_gaps",
        Daily(0, 40),
        "reports.gaps.note_gaps",
        "Notes the days that passed without any entry, for analyses to leave out.",
    ),
    Job(
        "score_members",
        Daily(1, 10),
        "reports.rfm.scoring.score_members",
        "Scores members by how lately, how often and for how much they bought.",
        longest=timedelta(hours=1),
    ),
    Job(
        "count_segments",
        Daily(2, 10),
        "crm.segments.recounting.count_segments",
        "Counts anew who fits the rules of each segment, and notes its size.",
        longest=timedelta(hours=1),
    ),
    Job(
        "count_new_segments",
        Every(30),
        "crm.segments.recounting.count_new",
        "Counts segments whose rules are new or were changed.",
        only="crm.segments.tasks.clubs_with_new",
        longest=timedelta(hours=1),
    ),
    Job(
        "consume_events",
        Every(60),
        "config.housekeeping.consume_events",
        "Lets every consumer read the events it has not seen.",
        only="config.housekeeping.clubs_with_events",
    ),
    Job(
        "watch_ticket_promises",
        Every(300),
        "tickets.tasks.watch_promises",
        "Warns of tickets that are due soon, and tells the head of the department of those that are late.",
        only="tickets.tasks.clubs_with_promises",
    ),
    Job(
        "close_solved_tickets",
        Daily(2, 20),
        "tickets.tasks.close_solved",
        "Closes tickets that stayed solved for as many days as the club has chosen.",
    ),
    Job(
        "give_on_tickets",
        Daily(2, 25),
        "tickets.tasks.give_on",
        "Gives on open tickets that came to somebody just as they left the staff.",
    ),
    Job(
        "dispatch_sms",
        Every(10),
        "config.housekeeping.dispatch_sms",
        "Sends the SMS that wait in the outbox.",
        only="config.housekeeping.clubs_with_sms",
    ),
    Job(
        "send_mails",
        Every(15),
        "crm.mail.tasks.send_mails",
        "Sends the mails that wait in the outbox.",
        only="crm.mail.tasks.clubs_with_mails",
    ),
    Job(
        "poll_sms",
        Every(30),
        "config.housekeeping.poll_sms",
        "Asks the provider what became of the SMS it has.",
        only="config.housekeeping.clubs_with_sms_to_ask",
    ),
    Job(
        "read_replies", Every(300), "config.housekeeping.read_replies", "Reads replies that did not reach our callback."
    ),
    Job(
        "import_members",
        Every(30),
        "club.awards.tasks.sweep",
        "Goes on with lists of customers that wait or were left.",
        only="club.awards.tasks.clubs_with_imports",
        longest=timedelta(hours=1),
    ),
    Job(
        "give_to_lists",
        Every(30),
        "club.awards.tasks.sweep_grants",
        "Goes on with gifts to lists that wait or were left.",
        only="club.awards.tasks.clubs_with_grants",
        longest=timedelta(hours=1),
    ),
    Job(
        "send_campaigns",
        Every(30),
        "crm.campaigns.tasks.sweep",
        "Goes on with campaigns that wait, are due or were left.",
        only="crm.campaigns.tasks.clubs_with_campaigns",
        longest=timedelta(hours=1),
    ),
    Job(
        "pay_referrals",
        Every(3600),
        "crm.referrals.tasks.pay_referrals",
        "Gives the rewards of referrals whose days of waiting are over.",
        only="crm.referrals.tasks.clubs_with_due_rewards",
    ),
    # In the morning and not at night, as people hear of them by SMS; days that were missed are made up for.
    Job(
        "birthdays",
        Daily(8, 30, until=NIGHT),
        "crm.occasions.daily.birthdays",
        "Wishes members well on their birthday and gives what the offers of birthdays give.",
        longest=timedelta(hours=2),
        resumes=True,
    ),
    Job(
        "anniversaries",
        Daily(8, 40, until=NIGHT),
        "crm.occasions.daily.anniversaries",
        "Gives what the offers of anniversaries give.",
        longest=timedelta(hours=2),
        resumes=True,
    ),
    Job(
        "lapsed",
        Daily(8, 50, until=NIGHT),
        "crm.occasions.daily.lapsed",
        "Gives what the offers to members who stay away give.",
        longest=timedelta(hours=2),
        resumes=True,
    ),
    Job(
        "greetings",
        Daily(9, 0, until=NIGHT),
        "crm.occasions.greeting.greetings",
        "Tells members of what ends soon, that they are missed, of named days and of days of their own.",
        longest=timedelta(hours=2),
        resumes=True,
    ),
    Job(
        "forget_old",
        Daily(4, 20),
        "config.housekeeping.forget_old",
        "Drops old idempotency keys, codes, attempts, sessions, lists of customers and rows of runs.",
    ),
)
JOBS = {job.name: job for job in SCHEDULE}
