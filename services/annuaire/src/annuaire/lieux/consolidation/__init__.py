"""The golden record: what everyone reads of a place, chosen field by field among what its sources say."""
