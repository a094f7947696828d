# SPDX-License-Identifier: Apache-2.0
"""The declarative base, its naming convention, and what every tenant-owned row carries."""

from datetime import datetime
from typing import Annotated, ClassVar

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Created = Annotated[
    datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
]
# Sorted and compared byte by byte: no ICU collation is needed, and prefixes use the index.
SortText = Annotated[str, mapped_column(Text(collation="C"))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[object, object]] = {
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
    }


class TenantOwned:
    """Row-level security compares `tenant_id` with the transaction's tenant.

    No foreign key: the policy already holds the value, and a check a row would slow bulk loads.
    """

    @declared_attr
    @classmethod
    def tenant_id(cls) -> Mapped[int]:
        return mapped_column(BigInteger, server_default=func.rubrica_tenant())
