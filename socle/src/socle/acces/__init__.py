"""Who may: principal, policies, internal token."""
