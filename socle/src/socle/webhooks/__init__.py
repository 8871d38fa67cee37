"""Notifications posted to re-users, as the specification Standard Webhooks 1.0 says them."""
