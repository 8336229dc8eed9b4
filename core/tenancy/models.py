"""The base of every business table: a row belongs to one club."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.expressions import Combinable, Expression, F

from core.tenancy.scope import ScopeMissing, active_scope, current_club_id

Row = TypeVar("Row", bound=models.Model, covariant=True)


class InScope(Expression):
    """`club_id = <club in scope>`, decided when the SQL is compiled, so that no queryset can forget or outlive it."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, club: Combinable) -> None:
        super().__init__()
        self.club = club

    def get_source_expressions(self) -> list[Any]:
        return [self.club]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        (self.club,) = exprs

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:
        scope = active_scope()
        if scope.all_clubs:
            return "TRUE", ()
        if scope.club_id is None:
            raise ScopeMissing("a tenant table was queried without a club in scope")
        column, params = compiler.compile(self.club)
        return f"{column} = %s", (*params, scope.club_id)


class ClubQuerySet(models.QuerySet[Row]):
    """Bulk writes check and fill the club as `save` does."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Row]:
        objs = list(objs)
        for obj in objs:
            obj.claim_for_scope()
        return super().bulk_create(objs, *args, **kwargs)


class ClubManager(models.Manager[Row]):
    """Rows of the club in scope only; an error without a scope."""

    def get_queryset(self) -> ClubQuerySet[Row]:
        return ClubQuerySet(self.model, using=self._db).filter(InScope(F("club_id")))


class ClubModel(models.Model):
    """A row that belongs to the club in scope: filled by itself, never another club's."""

    club = models.ForeignKey("core.Club", models.PROTECT, related_name="+", editable=False, db_index=False)

    objects: ClassVar[ClubManager[Self]] = ClubManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def claim_for_scope(self) -> None:
        """Fill the club from the scope; a row of another club is refused."""
        club_id = current_club_id()
        if (self.club_id or club_id) != club_id:
            raise ScopeMissing(f"a row of club {self.club_id} was saved in the scope of club {club_id}")
        self.club_id = club_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.claim_for_scope()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.claim_for_scope()
        return super().delete(*args, **kwargs)


class AppendOnly(ClubModel):
    """History: rows are added, never changed or removed (the database's rights and a trigger say so too)."""

    class Meta(ClubModel.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} is append-only")
