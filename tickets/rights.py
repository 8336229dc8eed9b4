"""The rights to answer tickets, and to manage how they are answered."""

ANSWER, MANAGE = "answer_tickets", "manage_tickets"
