"""Tables of packages. Private to this domain."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import UtcDateTime


class Package(SQLModel, table=True):
    """`count` of one service, or of any of a category, at a price of its own. A change is for those who buy later."""

    __tablename__ = "package"
    __table_args__ = (
        CheckConstraint("(service_id IS NULL) <> (category_id IS NULL)", name="for_one_thing"),
        CheckConstraint("count > 0 AND price_minor > 0", name="something"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    description: str = Field(default="", sa_column=Column(Text, nullable=False))
    service_id: int | None = Field(default=None, foreign_key="service.id")
    category_id: int | None = Field(default=None, foreign_key="service_category.id")
    count: int
    price_minor: int
    currency: str  # it is on sale while this is the clinic's
    valid_days: int | None = None  # from the day it is bought; None: for good
    is_active: bool = True
    position: int = 0
    revision: int = 0  # rises with each change, so that two editors notice each other
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PackageDraft(SQLModel, table=True):
    """Who a browser that buys without being signed in says they are, and whether the phone was proved (S64).

    Kept for a day; what was bought stands in `payment` and in the wallet.
    """

    __tablename__ = "package_draft"

    id: int | None = Field(default=None, primary_key=True)
    owner: str = Field(unique=True)
    given_name: str
    family_name: str
    email: str
    phone: str
    phone_typed: str
    verified_phone: str = ""
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
