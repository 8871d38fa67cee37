"""The national standard « lieux de médiation numérique »: its columns, its versions, the cleaning of its cells."""
