"""What everybody did in the club: the audit in people's words, as a page and a file."""
