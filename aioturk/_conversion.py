"""
The converters of this service's operations, made once for all who check or send requests.

How arguments become wire values is said in `aioturk._core.arguments`, which knows nothing of the service's shapes.
"""

from __future__ import annotations

from typing import Final

from aioturk._core.arguments import Converters
from aioturk._generated.tables import SHAPES

__all__ = ["CONVERTERS"]

CONVERTERS: Final = Converters(SHAPES)
