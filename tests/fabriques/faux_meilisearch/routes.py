"""The routes that Maillage uses, each with the action that a key must have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.fabriques.faux_meilisearch import recherche
from tests.fabriques.faux_meilisearch.corps import LECTURE, MULTI, RECHERCHE, Refus, objet, question
from tests.fabriques.faux_meilisearch.indice import DEFAUTS, REGLES, Indice
from tests.fabriques.faux_meilisearch.instance import Cle, Instance

UID = re.compile(r"[a-zA-Z0-9_-]{1,400}")
ACTIONS = re.compile(
    r"\*|search|(?:documents|indexes|tasks|settings|stats|metrics|dumps|snapshots|keys)\.(?:\*|add|get|delete|create|update|swap|cancel)|version"
)
LIMITE = 20

Reponse = tuple[int, Any]
Route = Callable[[Instance, "Demande"], Reponse]


class Demande:
    """A request, read."""

    def __init__(
        self, *, index: str | None, autre: str | None, parametres: Mapping[str, str], genre: str, octets: bytes
    ) -> None:
        self.index, self.autre, self.parametres, self.genre, self.octets = index, autre, parametres, genre, octets
        self.cle: Cle | None = None

    def json(self) -> Any:
        """Return the body of a route that takes JSON."""
        if not self.genre:
            raise Refus(415, "missing_content_type", "A Content-Type header is missing.")
        if self.genre != "application/json":
            raise Refus(415, "invalid_content_type", f"The Content-Type `{self.genre}` is invalid.")
        if not self.octets:
            raise Refus(400, "missing_payload", "A json payload is missing.")
        try:
            return json.loads(self.octets)
        except ValueError as erreur:
            raise Refus(400, "malformed_payload", f"The json payload provided is malformed. `{erreur}`.") from erreur

    def lire_parametres(self, *connus: str) -> Mapping[str, str]:
        """Return the parameters of the address, all of which must be known."""
        for nom in self.parametres:
            if nom not in connus:
                raise Refus(400, "bad_request", f"Unknown parameter `{nom}`: expected one of {sorted(connus)}")
        return self.parametres


def sante(_instance: Instance, _demande: Demande) -> Reponse:
    return 200, {"status": "available"}


def multi(instance: Instance, demande: Demande) -> Reponse:
    corps = objet(demande.json(), {"queries", "federation"})
    if corps.get("federation") is not None:
        raise Refus(400, "bad_request", "Federation is not spoken here.")
    questions = corps.get("queries")
    if not isinstance(questions, list):
        raise Refus(400, "bad_request", "Missing field `queries`")
    resultats = []
    for rang, lue in enumerate(questions):
        ou = f" inside `.queries[{rang}]`"
        question(lue, MULTI, ou=ou)
        uid = lue.get("indexUid")
        if not isinstance(uid, str):
            raise Refus(400, "missing_index_uid", f"Missing field `indexUid`{ou}")
        if demande.cle is not None and not demande.cle.voit(uid):
            raise Refus(403, "invalid_api_key", f"Inside `.queries[{rang}]`: The provided API key is invalid.")
        try:
            resultats.append({"indexUid": uid, **_chercher(instance.indice(uid), lue)})
        except Refus as refus:
            raise Refus(refus.statut, refus.code, f"Inside `.queries[{rang}]`: {refus.message}") from refus
    return 200, {"results": resultats}


def chercher(instance: Instance, demande: Demande) -> Reponse:
    corps = question(demande.json(), RECHERCHE)
    return 200, _chercher(instance.indice(demande.index or ""), corps)


def valeurs(instance: Instance, demande: Demande) -> Reponse:
    # unknown names are let through here, by design of the server
    corps = demande.json()
    if not isinstance(corps, dict) or "facetName" not in corps:
        raise Refus(400, "missing_facet_search_facet_name", "Missing field `facetName`")
    if not isinstance(corps.get("facetQuery"), str | None):
        raise Refus(400, "invalid_facet_search_query", "Invalid value type at `.facetQuery`")
    question({nom: v for nom, v in corps.items() if nom in RECHERCHE}, RECHERCHE)
    try:
        hits = recherche.valeurs(instance.indice(demande.index or ""), corps)
    except recherche.QuestionRefusee as erreur:
        raise Refus(400, erreur.code, erreur.message) from erreur
    return 200, {"facetHits": hits, "facetQuery": corps.get("facetQuery"), "processingTimeMs": 0}


def lister(instance: Instance, demande: Demande) -> Reponse:
    lus = demande.lire_parametres("offset", "limit")
    visibles = sorted(uid for uid in instance.indices if demande.cle is None or demande.cle.voit(uid))
    depuis, combien = int(lus.get("offset", 0)), int(lus.get("limit", LIMITE))
    vues = [_vue(uid, instance.indices[uid]) for uid in visibles[depuis : depuis + combien]]
    return 200, {"results": vues, "offset": depuis, "limit": combien, "total": len(visibles)}


def montrer(instance: Instance, demande: Demande) -> Reponse:
    uid = demande.index or ""
    return 200, _vue(uid, instance.indice(uid))


def creer(instance: Instance, demande: Demande) -> Reponse:
    corps = objet(demande.json(), {"uid", "primaryKey"})
    uid = corps.get("uid")
    if not isinstance(uid, str) or UID.fullmatch(uid) is None:
        raise Refus(400, "invalid_index_uid", f"`{uid}` is not a valid index uid.")
    if demande.cle is not None and not demande.cle.voit(uid):
        raise Refus(403, "invalid_api_key", "The provided API key is invalid.")
    return 202, instance.inscrire("indexCreation", uid, lambda: instance.creer(uid, corps.get("primaryKey")))


def effacer(instance: Instance, demande: Demande) -> Reponse:
    uid = demande.index or ""
    return 202, instance.inscrire("indexDeletion", uid, lambda: instance.effacer(uid))


def regler(instance: Instance, demande: Demande) -> Reponse:
    uid, corps = demande.index or "", demande.json()
    _verifier_reglages(objet(corps, set(DEFAUTS)))
    return 202, instance.inscrire("settingsUpdate", uid, lambda: instance.ou_creer(uid).regler(corps))


def reglages(instance: Instance, demande: Demande) -> Reponse:
    return 200, instance.indice(demande.index or "").reglages


def ajouter(instance: Instance, demande: Demande) -> Reponse:
    lus = demande.lire_parametres("primaryKey", "csvDelimiter", "customMetadata", "skipCreation")
    uid = demande.index or ""
    if UID.fullmatch(uid) is None:
        raise Refus(400, "invalid_index_uid", f"`{uid}` is not a valid index uid.")
    documents = _documents(demande)
    return 202, instance.inscrire(
        "documentAdditionOrUpdate", uid, lambda: instance.ou_creer(uid).ajouter(documents),
        metadonnees=lus.get("customMetadata"),
    )  # fmt: skip


def lire(instance: Instance, demande: Demande) -> Reponse:
    corps = objet(demande.json(), LECTURE)
    indice = instance.indice(demande.index or "")
    depuis, combien, champs = corps.get("offset", 0), corps.get("limit", LIMITE), corps.get("fields")
    if not isinstance(depuis, int) or not isinstance(combien, int) or depuis < 0 or combien < 0:
        raise Refus(400, "invalid_document_limit", "Invalid value at `.limit`")
    ids = corps.get("ids")
    if ids is not None and not all(isinstance(id, str | int) for id in ids):
        raise Refus(400, "invalid_document_ids", "In `.ids`: invalid document id")
    # by ids too, documents come in the order of the index
    voulus = None if ids is None else set(map(str, ids))
    lus = [f.document for id, f in indice.fiches.items() if voulus is None or id in voulus]
    page = [_champs(document, champs) for document in lus[depuis : depuis + combien]]
    return 200, {"results": page, "offset": depuis, "limit": combien, "total": len(lus)}


def echanger(instance: Instance, demande: Demande) -> Reponse:
    paires = []
    corps = demande.json()
    for element in corps if isinstance(corps, list) else [None]:
        lu = objet(element, {"indexes", "rename"})
        indexes = lu.get("indexes")
        if not isinstance(indexes, list) or len(indexes) != 2:
            raise Refus(400, "invalid_swap_indexes", "Two indexes must be given for each swap.")
        for uid in indexes:
            if demande.cle is not None and not demande.cle.voit(uid):
                raise Refus(403, "invalid_api_key", "The provided API key is invalid.")
        paires.append((indexes[0], indexes[1]))
    tous = [uid for paire in paires for uid in paire]
    if len(set(tous)) != len(tous):
        raise Refus(400, "invalid_swap_duplicate_index_found", "Indexes must be declared only once during a swap.")
    return 202, instance.inscrire("indexSwap", None, lambda: instance.echanger(paires), indexes=tuple(tous))


def tache(instance: Instance, demande: Demande) -> Reponse:
    for connue in instance.taches:
        if str(connue.uid) == demande.autre and _voit(demande.cle, connue.indexes):
            return 200, connue.vue()
    raise Refus(404, "task_not_found", f"Task `{demande.autre}` not found.")


def taches(instance: Instance, demande: Demande) -> Reponse:
    lus = demande.lire_parametres("indexUids", "statuses", "uids", "types", "limit", "from", "reverse")
    vues = [t for t in instance.taches if _voit(demande.cle, t.indexes)]
    if "indexUids" in lus:
        vues = [t for t in vues if t.index in lus["indexUids"].split(",")]
    if "statuses" in lus:
        for statut in lus["statuses"].split(","):
            if statut not in ("enqueued", "processing", "succeeded", "failed", "canceled"):
                raise Refus(400, "invalid_task_statuses", f"`{statut}` is not a valid task status.")
        vues = [t for t in vues if t.statut in lus["statuses"].split(",")]
    if lus.get("reverse", "false") not in ("true", "false"):
        raise Refus(400, "invalid_task_reverse", "could not parse `reverse` as a boolean")
    combien = int(lus.get("limit", LIMITE))
    ordre = vues if lus.get("reverse") == "true" else vues[::-1]
    page = [t.vue() for t in ordre[:combien]]
    debut = page[0]["uid"] if page else None
    return 200, {"results": page, "total": len(vues), "limit": combien, "from": debut, "next": None}


def cle(instance: Instance, demande: Demande) -> Reponse:
    connue = instance.cles.get(demande.autre or "")
    if connue is None:
        raise Refus(404, "api_key_not_found", f"API key `{demande.autre}` not found.")
    return 200, dict(connue.corps)


def creer_cle(instance: Instance, demande: Demande) -> Reponse:
    corps = objet(demande.json(), {"uid", "name", "description", "actions", "indexes", "expiresAt"})
    for nom, code in (("actions", "missing_api_key_actions"), ("indexes", "missing_api_key_indexes"),
                      ("expiresAt", "missing_api_key_expires_at")):  # fmt: skip
        if nom not in corps:
            raise Refus(400, code, f"Missing field `{nom}`")
    for action in corps["actions"]:
        if ACTIONS.fullmatch(action) is None:
            raise Refus(400, "invalid_api_key_actions", f"Unknown value `{action}` at `.actions`")
    uid = corps["uid"]
    if uid in instance.cles:
        raise Refus(409, "api_key_already_exists", f"`uid` field value `{uid}` is already an existing API key.")
    maintenant = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f987Z")
    vue = {**corps, "key": instance.cle_de(uid), "createdAt": maintenant, "updatedAt": maintenant}
    instance.cles[uid] = Cle(uid, tuple(corps["actions"]), tuple(corps["indexes"]), vue)
    return 201, vue


def supprimer_cle(instance: Instance, demande: Demande) -> Reponse:
    if instance.cles.pop(demande.autre or "", None) is None:
        raise Refus(404, "api_key_not_found", f"API key `{demande.autre}` not found.")
    return 204, None


ROUTES: list[tuple[str, re.Pattern[str], str | None, Route]] = [
    (methode, re.compile(chemin), action, route)
    for methode, chemin, action, route in (
        ("GET", r"/health", None, sante),
        ("POST", r"/multi-search", "search", multi),
        ("POST", r"/indexes/(?P<index>[^/]+)/search", "search", chercher),
        ("POST", r"/indexes/(?P<index>[^/]+)/facet-search", "search", valeurs),
        ("GET", r"/indexes", "indexes.get", lister),
        ("POST", r"/indexes", "indexes.create", creer),
        ("GET", r"/indexes/(?P<index>[^/]+)", "indexes.get", montrer),
        ("DELETE", r"/indexes/(?P<index>[^/]+)", "indexes.delete", effacer),
        ("PATCH", r"/indexes/(?P<index>[^/]+)/settings", "settings.update", regler),
        ("GET", r"/indexes/(?P<index>[^/]+)/settings", "settings.get", reglages),
        ("POST", r"/indexes/(?P<index>[^/]+)/documents", "documents.add", ajouter),
        ("POST", r"/indexes/(?P<index>[^/]+)/documents/fetch", "documents.get", lire),
        ("POST", r"/swap-indexes", "indexes.swap", echanger),
        ("GET", r"/tasks", "tasks.get", taches),
        ("GET", r"/tasks/(?P<autre>[^/]+)", "tasks.get", tache),
        ("POST", r"/keys", "keys.create", creer_cle),
        ("GET", r"/keys/(?P<autre>[^/]+)", "keys.get", cle),
        ("DELETE", r"/keys/(?P<autre>[^/]+)", "keys.delete", supprimer_cle),
    )
]


def repondre(instance: Instance, methode: str, chemin: str, entete: str | None, demande: Demande) -> Reponse:
    """Answer a request. Raises `Refus`."""
    for voulue, motif, action, route in ROUTES:
        if voulue == methode and (trouve := motif.fullmatch(chemin.rstrip("/") or "/")):
            groupes = trouve.groupdict()
            demande.index, demande.autre = groupes.get("index"), groupes.get("autre")
            if action is not None:
                demande.cle = instance.authentifier(entete, action, demande.index)
            return route(instance, demande)
    raise Refus(404, "not_found", "")


def _chercher(indice: Indice, corps: Mapping[str, Any]) -> dict[str, Any]:
    try:
        resultat = recherche.chercher(indice, corps)
        facettes = None
        if corps.get("facets") is not None:
            facettes = recherche.facettes(indice, [t.id for t in resultat.ordre], corps["facets"])
    except recherche.QuestionRefusee as erreur:
        raise Refus(400, erreur.code, erreur.message) from erreur
    maximum = indice.reglages["pagination"]["maxTotalHits"]
    total = min(len(resultat.ordre), maximum)
    atteignables = resultat.ordre[:maximum]
    reponse: dict[str, Any] = {"query": corps.get("q") or "", "processingTimeMs": 0}
    if corps.get("page") is not None or corps.get("hitsPerPage") is not None:
        page = 1 if corps.get("page") is None else corps["page"]
        taille = LIMITE if corps.get("hitsPerPage") is None else corps["hitsPerPage"]
        lus = atteignables[max(0, page - 1) * taille : page * taille]
        reponse |= {
            "hitsPerPage": taille, "page": page, "totalPages": -(-total // taille) if taille else 0, "totalHits": total
        }  # fmt: skip
    else:
        depuis, combien = corps.get("offset", 0), corps.get("limit", LIMITE)
        lus = atteignables[depuis : depuis + combien]
        reponse |= {"limit": combien, "offset": depuis, "estimatedTotalHits": len(resultat.ordre)}
    reponse["hits"] = [_montrer(indice, trouvee, resultat.voulus, corps) for trouvee in lus]
    if facettes is not None:
        reponse |= {"facetDistribution": facettes, "facetStats": {}}
    return reponse


def _montrer(indice: Indice, trouvee: recherche.Trouvee, voulus: int, corps: Mapping[str, Any]) -> dict[str, Any]:
    fiche = indice.fiches[trouvee.id]
    vue = _champs(fiche.document, corps.get("attributesToRetrieve"))
    if corps.get("showRankingScore"):
        vue["_rankingScore"] = trouvee.note(voulus)
    if corps.get("showRankingScoreDetails"):
        mots = {"order": 0, "matchingWords": trouvee.mots, "maxMatchingWords": voulus, "score": 1.0}
        vue["_rankingScoreDetails"] = {"words": mots} if voulus else {}
    if corps.get("showMatchesPosition"):
        vue["_matchesPosition"] = _places(indice, fiche.document, corps)
    return vue


def _places(indice: Indice, document: Mapping[str, Any], corps: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the places, in bytes, of the words written as in the question."""
    mots = set(re.findall(r"\w+", corps.get("q") or ""))
    places: dict[str, list[dict[str, Any]]] = {}
    for attribut in indice.reglages["searchableAttributes"]:
        valeurs_lues = document.get(attribut)
        for rang, texte in enumerate(valeurs_lues if isinstance(valeurs_lues, list) else []):
            for mot in re.finditer(r"\w+", texte):
                if mot.group() in mots:
                    place: dict[str, Any] = {
                        "start": len(texte[: mot.start()].encode()), "length": len(mot.group().encode()),
                        "indices": [rang],
                    }  # fmt: skip
                    places.setdefault(attribut, []).append(place)
    return places


def _champs(document: Mapping[str, Any], champs: list[str] | None) -> dict[str, Any]:
    if champs is None or "*" in champs:
        return dict(document)
    return {nom: document[nom] for nom in document if nom in champs}


def _documents(demande: Demande) -> list[dict[str, Any]]:
    if not demande.genre:
        raise Refus(415, "missing_content_type", "A Content-Type header is missing.")
    if demande.genre not in ("application/json", "application/x-ndjson", "text/csv"):
        raise Refus(415, "invalid_content_type", f"The Content-Type `{demande.genre}` is invalid.")
    if not demande.octets:
        raise Refus(400, "missing_payload", "A payload is missing.")
    try:
        if demande.genre == "application/x-ndjson":
            lus = [json.loads(ligne) for ligne in demande.octets.splitlines() if ligne.strip()]
        else:
            lus = json.loads(demande.octets)
            lus = lus if isinstance(lus, list) else [lus]
    except ValueError as erreur:
        raise Refus(400, "malformed_payload", f"The `ndjson` payload provided is malformed. `{erreur}`.") from erreur
    if not all(isinstance(lu, dict) for lu in lus):
        raise Refus(400, "malformed_payload", "The payload provided is malformed: expected a map.")
    return lus


def _verifier_reglages(corps: Mapping[str, Any]) -> None:
    for regle in corps.get("rankingRules") or ():
        nom, _, sens = regle.rpartition(":")
        if regle not in REGLES and (sens not in ("asc", "desc") or nom.startswith("_geo")):
            raise Refus(400, "invalid_settings_ranking_rules", f"`{regle}` ranking rule is invalid.")
    typos = corps.get("typoTolerance") or {}
    for nom in typos:
        if nom not in DEFAUTS["typoTolerance"]:
            raise Refus(400, "invalid_settings_typo_tolerance", f"Unknown field `{nom}` inside `.typoTolerance`")
    for regle in corps.get("filterableAttributes") or ():
        if isinstance(regle, str):
            continue
        try:
            objet(regle, {"attributePatterns", "features"})
            objet(regle.get("features", {}), {"facetSearch", "filter"})
            objet(regle.get("features", {}).get("filter", {}), {"equality", "comparison"})
        except Refus as refus:
            raise Refus(400, "invalid_settings_filterable_attributes", refus.message) from refus
        if "_geo" in regle["attributePatterns"]:
            raise Refus(400, "invalid_settings_filterable_attributes", "`_geo` must be given as a plain string here.")
    for nom, connus, code in (
        ("faceting", {"maxValuesPerFacet", "sortFacetValuesBy"}, "invalid_settings_faceting"),
        ("pagination", {"maxTotalHits"}, "invalid_settings_pagination"),
    ):
        for champ in corps.get(nom) or {}:
            if champ not in connus:
                raise Refus(400, code, f"Unknown field `{champ}` inside `.{nom}`")


def _vue(uid: str, indice: Indice) -> dict[str, Any]:
    quand = "2026-01-01T00:00:00.000000Z"
    return {"uid": uid, "createdAt": quand, "updatedAt": quand, "primaryKey": indice.cle_primaire}


def _voit(cle: Cle | None, indexes: tuple[str, ...]) -> bool:
    return cle is None or all(cle.voit(uid) for uid in indexes)
