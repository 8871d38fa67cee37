"""The servers that tests use are real, and each test gets an empty one."""

from __future__ import annotations

import socket

import asyncpg
import pytest
from pytest_socket import SocketConnectBlockedError

pytestmark = pytest.mark.anyio


@pytest.mark.postgresql
@pytest.mark.parametrize("tour", [1, 2])
async def test_chaque_test_recoit_une_base_postgresql_vide(url_postgresql: str, tour: int) -> None:
    connexion = await asyncpg.connect(url_postgresql)
    try:
        assert await connexion.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await connexion.execute("CREATE TABLE trace (n int)")
    finally:
        await connexion.close()


@pytest.mark.redis
@pytest.mark.parametrize("tour", [1, 2])
async def test_chaque_test_recoit_un_redis_vide(url_redis: str, tour: int) -> None:
    port = int(url_redis.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as prise:
        prise.sendall(b"DBSIZE\r\n")
        assert prise.recv(16) == b":0\r\n"
        prise.sendall(b"SET trace 1\r\n")
        assert prise.recv(16) == b"+OK\r\n"


async def test_une_adresse_exterieure_est_refusee() -> None:
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
