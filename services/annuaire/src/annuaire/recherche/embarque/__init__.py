"""The embedded engine: `tantivy` finds, our own rules rank, in the order of Meilisearch's."""
