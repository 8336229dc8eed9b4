"""Settings, addresses, background jobs, and the servers of a fresh machine."""
