"""Every limit of a file received, in one place: what is above is refused, never cut short."""

from __future__ import annotations

from typing import Final

KIO: Final = 1024
MIO: Final = 1024 * KIO

# Whatever the format
LIGNES: Final = 50_000
COLONNES: Final = 256
CARACTERES_ENTETE: Final = 1_000
OCTETS_LIGNE: Final = 1 * MIO  # one record, as written in the file (characters once decoded)

# Content-Encoding
OCTETS_DEGONFLES: Final = 100 * MIO
RATIO_DEGONFLE: Final = 100
MEMBRES_GZIP: Final = 10_000  # gzip members on end: each costs a copy of what follows
RATIO_PLANCHER: Final = 1 * MIO  # a ratio says nothing of a file this small, and a bomb is never this small

# CSV
CARACTERES_CELLULE_CSV: Final = 64 * KIO

# JSON and NDJSON (the list itself has `LIGNES` elements, the arrays inside it `ELEMENTS_JSON`)
PROFONDEUR_JSON: Final = 32
CLES_JSON: Final = 500
ELEMENTS_JSON: Final = 10_000
MEMBRES_JSON: Final = 10_000  # members of the objects around the list, all levels together
LISTES_JSON: Final = 100  # lists of objects among which one is to be chosen
CARACTERES_JSON: Final = 20_000
CHIFFRES_JSON: Final = 64

# XLSX and ODS
ENTREES_CLASSEUR: Final = 500
OCTETS_CLASSEUR: Final = 256 * MIO
RATIO_CLASSEUR: Final = 100
CELLULES_CLASSEUR: Final = 3_000_000
CHAINES_CLASSEUR: Final = 1_000_000
FEUILLES_CLASSEUR: Final = 200
CARACTERES_FEUILLE: Final = 255
LIGNES_AVANT_LISTE: Final = 100  # titles and notes above the headers
CARACTERES_CELLULE_CLASSEUR: Final = 32_767
CARACTERES_CLASSEUR: Final = 64 * MIO  # all the cells together, each shared string counted wherever it is used
OCTETS_JETON_XML: Final = 4 * MIO  # one tag: beyond, an XML reader takes quadratic time
ELEMENTS_XML: Final = 12_000_000  # all the parts together: a cell is two to four elements
REPETITIONS_ODS: Final = 2**21  # what no spreadsheet can hold: twice its rows

# Child process
MEMOIRE_ATELIER: Final = 512 * MIO
SECONDES_ATELIER: Final = 30
SECONDES_PAR_MILLIER: Final = 2  # what a thousand rows read and treated add to the time permitted
DESCRIPTEURS_ATELIER: Final = 64
OCTETS_FICHIER_ATELIER: Final = OCTETS_CLASSEUR + 64 * MIO
OCTETS_REPONSE: Final = 4 * MIO  # one line of answer
SECONDES_SANS_REPONSE: Final = 60.0
