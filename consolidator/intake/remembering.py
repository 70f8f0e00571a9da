"""Remember what was made of the small pieces that all returns of one form share.

A process reads hundreds of files, some of them made to harm: what is long is not kept, or a few
of them would fill its memory at the cost of the file that comes after.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

LONG = 1_000
"""Characters or bytes of a piece beyond which it is not kept."""
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def remembered(
    most: int, longest: int = LONG
) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result]]:
    """Keep the last ``most`` results of a pure function whose first argument may be long."""

    def keep(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
        kept: Callable[..., _Result] = lru_cache(maxsize=most, typed=True)(function)

        @wraps(function)
        def call(*given: _Parameters.args, **named: _Parameters.kwargs) -> _Result:
            piece = given[0]
            if isinstance(piece, (str, bytes)) and len(piece) > longest:
                return function(*given, **named)
            return kept(*given, **named)

        return call

    return keep
