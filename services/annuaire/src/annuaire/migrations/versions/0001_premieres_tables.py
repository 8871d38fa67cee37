"""First tables: the shared ground, sources, structures, places, synchronisations.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.migrations import socle_v1
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    socle_v1.creer()
    op.create_table(
        "sources",
        sa.Column("id", texte(64), primary_key=True),
        sa.Column("nom", sa.String, nullable=False),
        sa.Column("licence", sa.String, nullable=False),
        sa.Column("rang", sa.Integer, nullable=False),
        sa.Column("cle_derivee", JsonB),
        sa.Column("base_contacts", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("dernier_run", sa.Uuid),
        sa.Column("dernier_condense", sa.String),
        sa.Column("dernieres_lignes", sa.Integer),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    op.create_table(
        "structures",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("origine", texte(16), nullable=False),
        sa.Column("pivot", texte(14), unique=True),
        sa.Column("sans_siret_motif", sa.String),
        sa.Column("nom", sa.String, nullable=False),
        sa.Column("nom_plie", texte(), nullable=False),
        sa.Column("types", JsonB, nullable=False),
        sa.Column("code_insee", texte(5)),
        sa.Column("departement", texte(3)),
        sa.Column("region", texte(3)),
        sa.Column("epci", texte(9)),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("valide_du", texte(10)),
        sa.Column("valide_au", texte(10)),
        sa.Column("supprimee", sa.Boolean, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    for colonne in ("nom_plie", "code_insee", "departement", "region", "epci"):
        op.create_index(f"ix_structures_{colonne}", "structures", [colonne])
    op.create_table(
        "lieux",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("source_id", texte(64), nullable=False),
        sa.Column("structure_id", sa.Uuid),
        sa.Column("pivot", texte(14)),
        sa.Column("nom", sa.String, nullable=False),
        sa.Column("code_insee", texte(5)),
        sa.Column("code_postal", texte(5)),
        sa.Column("departement", texte(3)),
        sa.Column("region", texte(3)),
        sa.Column("epci", texte(9)),
        sa.Column("qpv", texte(8)),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("recoit_du_public", sa.Boolean, nullable=False),
        sa.Column("supprime", sa.Boolean, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    op.create_index("ix_lieux_structure_id", "lieux", ["structure_id"])
    op.create_index("ix_lieux_pivot", "lieux", ["pivot"])
    for colonne in ("code_insee", "code_postal", "departement", "region", "epci", "qpv", "source_id"):
        op.create_index(f"lieux_{colonne}", "lieux", [colonne, "id"])
    op.create_table(
        "fiches",
        sa.Column("source_id", texte(64), primary_key=True),
        sa.Column("cle", texte(128), primary_key=True),
        sa.Column("lieu_id", sa.Uuid, nullable=False),
        sa.Column("retiree", sa.Boolean, nullable=False),
        sa.Column("brut", sa.LargeBinary, nullable=False),
        sa.Column("normalise", sa.LargeBinary, nullable=False),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("ligne", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("lue_le", InstantUTC, nullable=False),
        sa.Column("derniere_erreur", JsonB),
    )
    op.create_index("ix_fiches_lieu_id", "fiches", ["lieu_id"])
    op.create_table(
        "synchronisations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("source_id", texte(64), nullable=False),
        sa.Column("client", texte(128), nullable=False),
        sa.Column("mode", texte(8), nullable=False),
        sa.Column("essai", sa.Boolean, nullable=False),
        sa.Column("etat", texte(16), nullable=False),
        sa.Column("base", sa.Uuid),
        sa.Column("fichier", sa.String),
        sa.Column("type_mime", sa.String, nullable=False),
        sa.Column("condense", texte(64), nullable=False),
        sa.Column("lignes", JsonB),
        sa.Column("plan", JsonB),
        sa.Column("garde", JsonB),
        sa.Column("devine", JsonB),
        sa.Column("confirmation", JsonB),
        sa.Column("changement_numero", sa.BigInteger),
        sa.Column("erreur", JsonB),
        sa.Column("duree_ms", JsonB, nullable=False),
        sa.Column("recue_le", InstantUTC, nullable=False),
        sa.Column("finie_le", InstantUTC),
    )
    op.create_index("ix_synchronisations_source_id", "synchronisations", ["source_id"])
    actif = sa.text("etat IN ('recue', 'analysee', 'planifiee', 'retenue', 'application')")
    op.create_index(
        "synchronisations_active", "synchronisations", ["source_id"],
        unique=True, sqlite_where=actif, postgresql_where=actif,
    )  # fmt: skip
    op.create_table(
        "synchronisations_plan",
        sa.Column("run_id", sa.Uuid, primary_key=True),
        sa.Column("rang", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("action", texte(12), nullable=False),
        sa.Column("cle", texte(128), nullable=False),
        sa.Column("lieu_id", sa.Uuid, nullable=False),
        sa.Column("ligne", sa.Integer),
        sa.Column("empreinte", texte(64)),
        sa.Column("brut", sa.LargeBinary),
        sa.Column("normalise", sa.LargeBinary),
    )
    op.create_index("synchronisations_plan_action", "synchronisations_plan", ["run_id", "action", "rang"])
    op.create_table(
        "synchronisations_rapport",
        sa.Column("run_id", sa.Uuid, primary_key=True),
        sa.Column("rang", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ligne", sa.Integer, nullable=False),
        sa.Column("feuille", sa.String),
        sa.Column("cle", texte(128)),
        sa.Column("champ", sa.String),
        sa.Column("code", texte(48), nullable=False),
        sa.Column("severite", texte(16), nullable=False),
        sa.Column("valeur", sa.String),
        sa.Column("suggestion", sa.String),
        sa.Column("action", texte(16), nullable=False),
    )


def downgrade() -> None:
    for table in (
        "synchronisations_rapport", "synchronisations_plan", "synchronisations", "fiches", "lieux", "structures",
        "sources",
    ):  # fmt: skip
        op.drop_table(table)
    socle_v1.detruire()
