"""The technical ground shared by the services: what is kept, what is said, who may, what crosses."""
