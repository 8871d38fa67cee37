"""The shared funding file of a consortium and its funders."""
