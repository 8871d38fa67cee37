"""XML inside a workbook, walked with distrust: no DTD, no other encoding than UTF-8, no endless tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, Place


def parcourir(
    nom: str, blocs: Iterator[bytes], brancher: Callable[[expat.XMLParserType], None], *, espaces: bool = False
) -> Iterator[bytes]:
    """Walk a part while it passes by: each block is given once what it holds has been walked.

    `brancher` sets the handlers; with `espaces`, names are `namespace name`. Raises `ClasseurRefuse`.
    """
    lecteur = expat.ParserCreate(namespace_separator=" ") if espaces else expat.ParserCreate()
    lecteur.buffer_text = True
    lecteur.StartDoctypeDeclHandler = lambda *_: _refuser_dtd(nom)
    lecteur.XmlDeclHandler = lambda _version, encodage, _seul: _refuser_encodage(nom, encodage)
    brancher(lecteur)
    recus = 0
    try:
        for bloc in blocs:
            if not recus and bloc[:2] in (b"\xff\xfe", b"\xfe\xff"):
                _refuser_encodage(nom, "utf-16")
            lecteur.Parse(bloc, False)
            recus += len(bloc)
            if recus - lecteur.CurrentByteIndex > limites.OCTETS_JETON_XML:
                raise ClasseurRefuse(
                    f"« {nom} » contient une balise trop longue.", place=Place(partie=nom), limite="jeton"
                )
            yield bloc
        lecteur.Parse(b"", True)
    except expat.ExpatError as erreur:
        raise ClasseurRefuse(
            f"« {nom} » n'est pas du XML valide (ligne {erreur.lineno}).",
            place=Place(partie=nom, ligne=erreur.lineno, colonne=erreur.offset + 1),
        ) from erreur


def _refuser_dtd(nom: str) -> Any:
    raise ClasseurRefuse(
        f"« {nom} » contient une DTD ou une entité XML : un classeur n'en a jamais.", place=Place(partie=nom)
    )


def _refuser_encodage(nom: str, encodage: str | None) -> None:
    if encodage is not None and encodage.lower() not in ("utf-8", "us-ascii"):
        raise ClasseurRefuse(f"« {nom} » n'est pas en UTF-8.", place=Place(partie=nom))
