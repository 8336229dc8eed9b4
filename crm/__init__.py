"""Relations with members: what happens to them beyond purchases."""
