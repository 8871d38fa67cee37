"""What the contract shows is true: each example obeys its schema, and each documented reading answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from socle.web.client import creer_client_synchrone

from infra.openapi import DOSSIER
from tests.contrats.conftest import Banc

DOCUMENTS = sorted(chemin.name for chemin in DOSSIER.glob("*.json"))
METHODES = ("get", "put", "post", "delete", "patch")
TEXTES = ("text/", "application/x-ndjson")


@dataclass(frozen=True)
class Exemple:
    """A value shown by a document, and the schema that it must obey."""

    place: str
    valeur: Any
    schema: dict[str, Any]


@cache
def document(nom: str) -> dict[str, Any]:
    lu: dict[str, Any] = json.loads((DOSSIER / nom).read_text("utf-8"))
    return lu


def exemples(contrat: dict[str, Any]) -> Iterator[Exemple]:
    """Find every example: of parameters, bodies, answers, and of schemas, at any depth."""
    for chemin, dites in contrat["paths"].items():
        for methode in METHODES:
            if methode not in dites:
                continue
            place, operation = f"{methode.upper()} {chemin}", dites[methode]
            for parametre in operation.get("parameters", ()):
                yield from _montres(f"{place} {parametre['name']}", parametre)
            contenus = [("corps", operation.get("requestBody", {}))]
            contenus += [(statut, reponse) for statut, reponse in operation["responses"].items()]
            for ou, contenu in contenus:
                for type_media, dit in contenu.get("content", {}).items():
                    yield from _montres(f"{place} {ou} {type_media}", dit)
                for nom, entete in contenu.get("headers", {}).items():
                    yield from _montres(f"{place} {ou} {nom}", entete)
    yield from _du_schema("components", contrat.get("components", {}).get("schemas", {}))
    yield from _du_schema("paths", contrat["paths"])


def _montres(place: str, porteur: dict[str, Any]) -> Iterator[Exemple]:
    """Give the examples that a parameter, a header or a media type shows beside its schema."""
    schema = porteur.get("schema", {})
    if "example" in porteur:
        yield Exemple(place, porteur["example"], schema)
    for nom, exemple in porteur.get("examples", {}).items():
        yield Exemple(f"{place} « {nom} »", exemple["value"], schema)


def _du_schema(place: str, valeur: Any) -> Iterator[Exemple]:
    """Give the examples that schemas hold: a list under `examples`, beside what they illustrate."""
    if isinstance(valeur, list):
        for rang, element in enumerate(valeur):
            yield from _du_schema(f"{place}/{rang}", element)
    elif isinstance(valeur, dict):
        montres = valeur.get("examples")
        if isinstance(montres, list):
            schema = {cle: dit for cle, dit in valeur.items() if cle != "examples"}
            for montre in montres:
                yield Exemple(place, montre, schema)
        for cle, element in valeur.items():
            if cle not in ("examples", "example", "value"):
                yield from _du_schema(f"{place}/{cle}", element)


def fautes(contrat: dict[str, Any]) -> tuple[int, list[str]]:
    """Validate each example; return how many there are, and what is wrong."""
    nombre, trouvees = 0, []
    for exemple in exemples(contrat):
        nombre += 1
        racine = {**exemple.schema, "components": contrat.get("components", {})}
        valideur = jsonschema_rs.Draft202012Validator(racine, validate_formats=True)
        trouvees += [f"{exemple.place} : {faute.message[:200]}" for faute in valideur.iter_errors(exemple.valeur)]
    return nombre, trouvees


@pytest.mark.parametrize("nom", DOCUMENTS)
def test_chaque_exemple_obeit_a_son_schema(nom: str) -> None:
    nombre, trouvees = fautes(document(nom))
    print(f"\n{nom} : {nombre} exemples, {len(trouvees)} fautes")
    assert trouvees == []
    assert nombre >= len(document(nom)["paths"])


def test_un_exemple_faux_est_vu() -> None:
    contrat = deepcopy(document("annuaire.json"))
    contrat["components"]["schemas"]["FermetureADeclarer"]["properties"]["du"]["examples"] = ["demain"]
    assert len(fautes(contrat)[1]) == 1


def test_chaque_corps_a_envoyer_a_un_exemple() -> None:
    muets = [
        f"{methode.upper()} {chemin} {type_media}"
        for chemin, dites in document("public.json")["paths"].items()
        for methode in METHODES
        for type_media, contenu in dites.get(methode, {}).get("requestBody", {}).get("content", {}).items()
        if contenu.get("schema", {}).get("format") != "binary" or type_media.startswith(TEXTES)
        if not contenu.get("examples") and not _se_montre(contenu["schema"])
    ]
    assert muets == []


def _se_montre(schema: dict[str, Any]) -> bool:
    """Tell whether a schema shows an example, or each of the fields that it requires does."""
    if "$ref" in schema:
        schema = document("public.json")["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    proprietes = schema.get("properties", {})
    requises = schema.get("required", ())
    return bool(schema.get("examples")) or all("examples" in proprietes[nom] for nom in requises)


def adresses(banc: Banc) -> Iterator[str]:
    """Write each reading of the contract with its examples: bare, then with each parameter that shows one."""
    valeurs = {**_connues(banc)}
    for chemin, dites in banc.contrat["paths"].items():
        if "get" not in dites:
            continue
        parametres = dites["get"].get("parameters", ())
        montres = {p["name"]: _exemple(p) for p in parametres if p["in"] == "query" and _exemple(p) is not None}
        for nom in (p["name"] for p in parametres if p["in"] == "path"):
            chemin = chemin.replace("{" + nom + "}", quote(valeurs[chemin.partition("{")[0] + nom], safe=""))
        yield chemin
        yield from (f"{chemin}?{nom}={quote(str(valeur))}" for nom, valeur in montres.items())


def _exemple(parametre: dict[str, Any]) -> Any:
    if "example" in parametre:
        return parametre["example"]
    schema = parametre.get("schema", {})
    branches = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return next((branche["examples"][0] for branche in branches if branche.get("examples")), None)


def _connues(banc: Banc) -> dict[str, str]:
    """Give a value to each place of a path, by what comes before it."""
    semences = banc.semences
    territoires = {"communes": "38185", "departements": "38", "regions": "84", "epci": "200040715", "qpv": "QN07501X"}
    return {
        "/annuaire/v1/changements/objets": "lieux",
        "/annuaire/v1/lieux/id": semences.lieux[0],
        "/annuaire/v1/paquets/departement": "38",
        "/annuaire/v1/recherche/facettes/nom": "code_insee",
        "/annuaire/v1/referentiels/nom": "services",
        "/annuaire/v1/signalements/suivi": semences.suivis[0],
        "/annuaire/v1/sources/source_id": "demonstration",
        "/annuaire/v1/sources/demonstration/signalements/signalement_id": semences.signalements[0],
        "/annuaire/v1/structures/id": semences.structures[0],
        "/annuaire/v1/synchronisations/id": semences.synchronisations[0],
        "/annuaire/v1/webhooks/webhook_id": semences.webhooks[0],
        "/cles/id": semences.cles[0],
        "/problemes/code": "requete-invalide",
        **{f"/annuaire/v1/territoires/{nom}/code": code for nom, code in territoires.items()},
    }


def test_chaque_lecture_documentee_repond_sur_la_demonstration(banc: Banc) -> None:
    lues = list(adresses(banc))
    with creer_client_synchrone(banc.adresse, entetes={"Authorization": f"Bearer {banc.cle}"}) as client:
        ratees = {adresse: statut for adresse in lues if (statut := client.get(adresse).status_code) != 200}
    print(f"\n{len(lues)} lectures documentées, {len(ratees)} ratées")
    assert ratees == {}
    assert len(lues) >= sum("get" in dites for dites in banc.contrat["paths"].values())
