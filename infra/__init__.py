"""What surrounds the services: launcher, rules of the code base, reference data, deployment."""
