"""The linear history of the gateway's database, the same on both engines."""

from pathlib import Path

DOSSIER = Path(__file__).parent
