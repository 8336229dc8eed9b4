"""The draw of control groups in SQL, for many members at once: those whom `offers.engine.is_held_out` draws."""

from typing import Any

from django.db.models import F, Func, IntegerField, Value

from core.money import BP


class Draw(Func):
    """A number from 0 to 9,999 for each member, by lot and for good: held out is whose number is below the share.

    `seed` tells one lottery from another: the id of an offer, or a word that no offer has for its id.
    """

    template = (
        "mod(mod(('x' || substr(%(hash)s, 1, 8))::bit(32)::bigint, %(bp)s) * mod(4294967296, %(bp)s)"
        " + ('x' || substr(%(hash)s, 9, 8))::bit(32)::bigint, %(bp)s)"
    )
    hashed = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    arg_joiner = " || ':' || "
    output_field = IntegerField()

    def __init__(self, seed: int | str) -> None:
        super().__init__(Value(str(seed)), F("pk"))

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        """Eight bytes of a hash as a number without sign, modulo 10,000."""
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        hashed = self.hashed % {"expressions": self.arg_joiner.join(sql for sql, _params in parts)}
        params = tuple(value for _sql, given in parts for value in given)
        return self.template % {"hash": hashed, "bp": BP}, params * 2
