"""The path of queries: one pooled client, short delays, one body a search. Writes go by `administration.py`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from socle.web.client import AsyncClient, HTTPError, ReadError, Response, TimeoutException, creer_client

from annuaire.recherche.meilisearch.erreurs import indisponible

CONNEXION_S, LECTURE_S = 0.2, 0.8
"""A fallback answers within the second: nobody waits longer for a server that does not."""
OCTETS_MAX: Final = 8_000_000

Corps = dict[str, Any]


class ClientDeRecherche:
    """What a search sends, and the errors it may meet, all told as `EngineUnavailable`."""

    def __init__(self, url: str, cle: str = "") -> None:
        entetes = {"authorization": f"Bearer {cle}"} if cle else {}
        self._http: AsyncClient = creer_client(url.rstrip("/"), delai=LECTURE_S, connexion=CONNEXION_S, entetes=entetes)

    async def multi(self, requetes: Sequence[Corps]) -> list[dict[str, Any]]:
        """Ask several queries at once: all are answered, or none. Raises `EngineUnavailable`."""
        lue = await self._poster("/multi-search", {"queries": list(requetes), "federation": None})
        resultats = lue.get("results")
        if not isinstance(resultats, list) or len(resultats) != len(requetes):
            raise indisponible(200, None, "réponse illisible")
        return resultats

    async def valeurs(self, index: str, corps: Corps) -> dict[str, int]:
        """Search among the values of a facet. Raises `EngineUnavailable`."""
        lue = await self._poster(f"/indexes/{index}/facet-search", corps)
        try:
            return {str(trouvee["value"]): int(trouvee["count"]) for trouvee in lue["facetHits"]}
        except (KeyError, TypeError, ValueError) as erreur:
            raise indisponible(200, None, "réponse illisible") from erreur

    async def sante(self) -> None:
        """Ask whether the server is up. Raises `EngineUnavailable`."""
        await self._envoyer("GET", "/health", None)

    async def fermer(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _poster(self, chemin: str, corps: Corps) -> dict[str, Any]:
        lue = _lire(await self._envoyer("POST", chemin, corps))
        if not isinstance(lue, dict):
            raise indisponible(200, None, "réponse illisible")
        return lue

    async def _envoyer(self, methode: str, chemin: str, corps: Corps | None) -> Response:
        depart = time.monotonic()
        try:
            try:
                reponse = await self._http.request(methode, chemin, json=corps)
            except (ReadError, TimeoutException):
                # too early for a delay that ran out: the server closed a connection that was waiting in the pool, and
                # a search may be asked twice
                if time.monotonic() - depart >= CONNEXION_S:
                    raise
                reponse = await self._http.request(methode, chemin, json=corps)
        except TimeoutException as erreur:
            raise indisponible(None, None, f"délai dépassé ({type(erreur).__name__})") from erreur
        except HTTPError as erreur:
            raise indisponible(None, None, f"{type(erreur).__name__} {erreur}".strip()) from erreur
        if reponse.status_code != 200:
            lue = _lire(reponse, sinon={})
            lue = lue if isinstance(lue, dict) else {}
            raise indisponible(reponse.status_code, _texte(lue.get("code")), str(lue.get("message", ""))[:300])
        return reponse


def _texte(valeur: Any) -> str | None:
    return valeur if isinstance(valeur, str) else None


def _lire(reponse: Response, *, sinon: Any = None) -> Any:
    if len(reponse.content) > OCTETS_MAX:
        raise indisponible(reponse.status_code, None, "réponse trop longue")
    try:
        return reponse.json()
    except ValueError as erreur:
        if sinon is not None:
            return sinon
        raise indisponible(reponse.status_code, None, "réponse illisible") from erreur
