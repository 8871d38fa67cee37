"""What is said: application, problems, limits, pagination, idempotency, HTTP client, observability."""
