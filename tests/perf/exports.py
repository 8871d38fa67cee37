"""Exports of a large annuaire: time to the first byte, rows per second, memory, from a server of its own.

Run by hand: `python -m tests.perf.exports [--lieux 100000]`. The reader is this process, over loopback.
Aims: first byte under 200 ms, 20,000 rows a second in NDJSON, 30 MiB more at most.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.fabriques.grand_annuaire import SOURCE, mesurer

EXPORTS = {
    "ndjson": "format=ndjson",
    "json": "format=json",
    "csv": "format=csv",
    "csv strict": "format=csv&strict=1",
    "excel": "format=excel",
    "geojson": "format=geojson",
    "ndjson, une source": f"format=ndjson&source={SOURCE}",
    "csv, une source": f"format=csv&source={SOURCE}",
    "csv, un département": "format=csv&departement=59",
}


def principal() -> None:
    """Print one line per export."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lieux", type=int, default=100_000)
    lieux = options.parse_args().lieux
    chemins = {nom: f"/annuaire/v1/exports/lieux?{requete}" for nom, requete in EXPORTS.items()}
    chemins["adresse d'une source"] = f"/annuaire/v1/sources/{SOURCE}/lieux.csv"
    with tempfile.TemporaryDirectory() as dossier:
        mesures = mesurer(Path(dossier), lieux, list(chemins.values()))
    print(f"{lieux} lieux fictifs, SQLite")
    print(
        f"{'export':<22} {'Mo':>7} {'1er octet':>10} {'durée':>8} {'lignes/s':>9} {'CPU µs/ligne':>13} {'mémoire':>9}"
    )
    for nom, chemin in chemins.items():
        m = mesures[chemin]
        print(
            f"{nom:<22} {m.octets / 1e6:7.1f} {m.premier_octet_s * 1e3:7.0f} ms {m.duree_s:6.2f} s "
            f"{m.lignes / m.duree_s:9.0f} {m.cpu_s / max(m.lignes, 1) * 1e6:13.1f} {m.memoire_mo:+6.1f} Mo "
            f"{m.inchange_ms[0]:6.1f} {m.inchange_ms[1]:6.1f} ms"
        )


if __name__ == "__main__":
    principal()
