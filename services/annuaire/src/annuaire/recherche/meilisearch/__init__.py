"""Meilisearch behind the port: settings, documents, questions and answers in its words; nothing else knows them."""
