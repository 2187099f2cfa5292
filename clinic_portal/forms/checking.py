"""stub"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """f"""

    where: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


def faults(content: Any) -> list[Fault]:
    """f"""
    return []
