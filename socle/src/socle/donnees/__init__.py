"""What is kept: database, repositories, feed, outbox, jobs, audit, migrations."""
