"""Carries a plan of ALTER TABLE out."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood, Rejected
from .. import model
from ..expressions import columns_of, rename_columns
from ..model import Column, ForeignKey, Key, KeyPart, Table, same_name
from ..types import BLOBS, INTEGERS, MARIADB_TYPES, SPATIAL, TEXTS, character_bytes, is_large
from .alter_table import COLUMN, CONSTRAINT, FOREIGN_KEY, KEY
from .altering_base import AlteringBase
from .columns import check_expressions, make_column, make_default, settle_columns
from .create_table import add_checks, check_primary_nulls, check_row_size
from .elements import CheckText, ColumnText, ForeignKeyText, KeyText
from .foreign_keys import add_foreign_key, check_cascades, generated_key, has_null_gap, highest_number, is_needed
from .keys import prepare_keys
from .options import Options, apply_options, collation_of

if TYPE_CHECKING:
    pass

_STRINGS = ("char", "varchar", "binary", "varbinary", *TEXTS, *BLOBS)


class Altering(AlteringBase):
    """One ALTER TABLE."""

    def run(self) -> Table:
        """The new table. Rejected, NotUnderstood."""
        self._settle_constraints()
        self._settle_collation()
        self._make_columns()
        self._keep_checks()
        self._keep_foreign_keys()
        keys = self._old_keys()
        foreign = [one for one in self.plan.items if isinstance(one, ForeignKeyText)]
        for item in self.plan.items:
            if isinstance(item, KeyText):
                keys.append(item)
            elif isinstance(item, ForeignKeyText):
                keys.append(generated_key(item))
        if not self.server.is_mariadb:
            check_primary_nulls(self.plan.columns, self.plan.items)
        is_sorted = any(isinstance(one, (KeyText, ForeignKeyText)) for one in self.plan.items)
        if is_sorted and self._dropped(KEY, "PRIMARY") and any(one.kind == model.PRIMARY for one in keys):
            # the same one again would be no change at all
            raise NotUnderstood("another primary key in place of the old one")
        self.new.keys = prepare_keys(self.new, keys, self.server, is_sorted=is_sorted)
        add_checks(
            self.new, [one for one in self.plan.items if isinstance(one, CheckText)], is_mariadb=self.server.is_mariadb
        )
        settle_columns(self.new, is_mariadb=self.server.is_mariadb)
        check_expressions(self.new)
        check_row_size(self.new)
        apply_options(self.plan.options, self.new, self.server)
        self._check_cascading_nulls()
        self._check_needed_keys()
        self._refuse_unhashed()
        highest = highest_number(self.old)
        if foreign and (
            self.plan.column_names or any(one.replaces not in (None, one.name) for one in self.plan.columns)
        ):
            raise NotUnderstood("a new foreign key beside renamed columns")
        if foreign and any(one.kind == FOREIGN_KEY for one in self.plan.drops):
            raise NotUnderstood("a new foreign key beside a dropped one")
        if foreign and self.plan.rename_to is not None:
            raise NotUnderstood("a new foreign key beside RENAME")
        for one in foreign:
            highest = add_foreign_key(self.database, self.new, one, highest, old=self.old)
        for key in self.new.foreign_keys:
            check_cascades(self.new, key)
        self._rename_references()
        return self.new

    def _settle_constraints(self) -> None:
        self._refuse_entangled()
        if (
            self.plan.rename_to is not None
            and not self._is_alone(is_renaming=True)
            and (self.old.foreign_keys or self.referring)
        ):
            raise NotUnderstood("RENAME beside other clauses of a table with foreign keys")
        """DROP CONSTRAINT may mean a check, a foreign key or a key; what is dropped must be there (1091)."""
        for drop in self.plan.drops:
            if drop.kind == CONSTRAINT:
                drop.kind = self._kind_of(drop)
                if drop.kind == FOREIGN_KEY and (not self._is_alone() or any(one.is_hashed for one in self.old.keys)):
                    # where the table is copied, InnoDB looks for the words DROP FOREIGN KEY and finds nothing
                    raise NotUnderstood("DROP CONSTRAINT of a foreign key beside other clauses")
            exists = {
                COLUMN: self.old.find_column(drop.name),
                KEY: self.old.find_key(drop.name),
                FOREIGN_KEY: self.old.find_foreign_key(drop.name),
                CONSTRAINT: self.old.find_check(drop.name),
            }[drop.kind]
            if exists is None:
                raise Rejected(f"Can't DROP {drop.kind.upper()} `{drop.name}`; check that it exists", "1091")
        seen = [(one.kind, one.name.lower()) for one in self.plan.drops]
        if len(set(seen)) < len(seen):
            raise Rejected("Can't DROP twice; check that it exists", "1091", is_certain=False)

    def _settle_collation(self) -> None:
        plan = self.plan
        if plan.convert is not None and (plan.options.charset or plan.options.collation):
            raise NotUnderstood("CONVERT TO CHARACTER SET beside DEFAULT CHARACTER SET")
        if plan.convert is not None:
            base = self.database.schema(self.old.schema).collation
            self.new.collation = collation_of(plan.convert, base, self.server)
        elif plan.options.charset is not None or plan.options.collation is not None:
            before = self.database.schema(self.old.schema).collation
            self.new.collation = collation_of(plan.options, before, self.server)

    def _make_columns(self) -> None:
        columns, waiting = self._keep_columns()
        for text, column in waiting:
            if text.after == "":
                columns.insert(0, column)
            elif text.after is None:
                columns.append(column)
            elif any(
                other is not text and other.replaces and same_name(other.replaces, text.after) for other, _ in waiting
            ):
                raise NotUnderstood("AFTER a column that is moved, too")
            else:
                place = next((i for i, one in enumerate(columns) if same_name(one.name, text.after)), None)
                if place is None:
                    raise Rejected(f"Unknown column '{text.after}' in '{self.old.name}'", "1054")
                columns.insert(place + 1, column)
        if not columns:
            raise Rejected("You can't delete all columns with ALTER TABLE; use DROP TABLE instead", "1090")
        for index, column in enumerate(columns):
            if any(same_name(column.name, one.name) for one in columns[:index]):
                raise Rejected(f"Duplicate column name '{column.name}'", "1060")
        self.new.columns = columns
        if self.plan.convert is not None:
            for column in columns:
                if column.type.collation not in (None, self.new.collation):
                    raise NotUnderstood("CONVERT TO CHARACTER SET beside a column with another one")
        self._check_defaults_done()

    def _keep_columns(self) -> tuple[list[Column], list[tuple[ColumnText, Column]]]:
        """The columns that stay in their place, and those that are to be put somewhere."""
        columns: list[Column] = []
        pending = list(self.plan.columns)
        made: dict[int, Column] = {}
        for old in self.old.columns:
            if self._dropped(COLUMN, old.name):
                continue
            text = next(
                (one for one in pending if one.replaces is not None and same_name(one.replaces, old.name)), None
            )
            if text is None:
                columns.append(self._keep_column(old))
                continue
            column = self._replace_column(text, old)
            if text.after is None:
                columns.append(column)
                pending.remove(text)
            else:
                made[id(text)] = column
        waiting = []
        for text in pending:
            if text.replaces is not None and id(text) not in made:
                raise Rejected(f"Unknown column '{text.replaces}' in '{self.old.name}'", "1054")
            waiting.append((text, made.get(id(text)) or make_column(text, self.new, self.server)))
        return columns, waiting

    def _replace_column(self, text: ColumnText, old: Column) -> Column:
        if (text.generated is None) != (old.generated is None):
            is_stored = (
                text.is_stored if text.generated is not None else bool(old.generated and old.generated.is_stored)
            )
            if not is_stored:
                raise Rejected("This is not yet supported for generated columns", "1907", is_certain=False)
        elif old.generated is not None and old.generated.is_stored != text.is_stored:
            raise Rejected("This is not yet supported for generated columns", "1907", is_certain=False)
        column = make_column(text, self.new, self.server)
        _check_cast(old, column)
        self.names[old.name.lower()] = column.name
        self.replaced[old.name.lower()] = old
        return column

    def _keep_column(self, old: Column) -> Column:
        column = copy.deepcopy(old)
        for renaming in self.plan.column_names:
            if same_name(renaming.old, old.name):
                column.name = renaming.new
        self.names[old.name.lower()] = column.name
        for one in self.plan.defaults:
            if same_name(one.column, old.name):
                if column.generated is not None:
                    raise NotUnderstood("ALTER COLUMN … DEFAULT of a generated column")
                if column.is_auto_increment:
                    raise NotUnderstood("ALTER COLUMN … DEFAULT with AUTO_INCREMENT")
                if column.is_on_update_now:
                    raise NotUnderstood("ALTER COLUMN … DEFAULT with ON UPDATE")
                column.default = None
                if one.default is not None:
                    column.default = make_default(one.default, column, self.server, is_altered=True)
        if self.plan.convert is not None and column.type.collation is not None:
            column.type = self._converted(column)
        return column

    def _converted(self, column: Column) -> model.ColumnType:
        shape = column.type
        assert shape.collation is not None
        if column.check is not None and shape.collation == "utf8mb4_bin":
            raise NotUnderstood("CONVERT TO CHARACTER SET of a column of type JSON")
        if self.new.collation == "binary":
            raise NotUnderstood("CONVERT TO CHARACTER SET binary")
        made = replace(shape, collation=self.new.collation)
        grows = character_bytes(made) > character_bytes(shape)
        if grows and shape.name in TEXTS and shape.name != "longtext":
            wanted = TEXTS[shape.name] * character_bytes(made) // character_bytes(shape)
            if character_bytes(shape) != 1:
                raise NotUnderstood("CONVERT TO a wider character set of a TEXT column")
            return replace(made, name=next(name for name, size in TEXTS.items() if wanted <= size))
        return made

    def _check_defaults_done(self) -> None:
        kept = {name for name in self.names if name not in self.replaced}
        named = [one.column.lower() for one in self.plan.defaults] + [one.old.lower() for one in self.plan.column_names]
        for name in named:
            if name in self.replaced:
                raise NotUnderstood("ALTER COLUMN beside MODIFY of the same column")
            if name not in kept or named.count(name) > 1:
                raise Rejected(f"Unknown column '{name}' in '{self.old.name}'", "1054")

    def _renamed(self) -> dict[str, str]:
        """Columns under RENAME COLUMN: expressions follow. CHANGE with another name: they must not name it."""
        return {one.old.lower(): one.new for one in self.plan.column_names}

    def _keep_checks(self) -> None:
        renamed = self._renamed()
        for old in self.old.checks:
            names = columns_of(old.expression)
            # a check over nothing but columns that go, goes along
            is_over = bool(names) and all(self._dropped(COLUMN, name) for name in names)
            if is_over and any(self.old.column(name).generated is not None for name in names):
                raise NotUnderstood("a CHECK over a generated column that is dropped")
            if any(self._dropped(COLUMN, name) for name in names):
                self.server.only_mariadb("a dropped column of a CHECK")
            if not is_over and not self._dropped(CONSTRAINT, old.name):
                self.new.checks.append(replace(old, expression=rename_columns(old.expression, renamed)))
        for column in self.new.columns:
            if column.name.lower() in {one.name.lower() for one in self.plan.columns}:
                continue
            if column.check is not None:
                column.check = rename_columns(column.check, renamed)
            if column.generated is not None:
                expression = rename_columns(column.generated.expression, renamed)
                column.generated = replace(column.generated, expression=expression)
            if column.default is not None and column.default.expression is not None:
                expression = rename_columns(column.default.expression, renamed)
                column.default = replace(column.default, expression=expression)
        self._refuse_half_renamed()

    def _refuse_half_renamed(self) -> None:
        """A column that an expression names is replaced: whether the server goes along was not tried."""
        for old in self.replaced:
            nodes = [one.expression for one in self.new.checks]
            nodes += [one.generated.expression for one in self.new.columns if one.generated is not None]
            if (
                any(same_name(name, old) for node in nodes for name in columns_of(node))
                and self.names[old].lower() != old
            ):
                raise NotUnderstood("CHANGE of a column that an expression names")

    def _keep_foreign_keys(self) -> None:
        for old in self.old.foreign_keys:
            if self._dropped(FOREIGN_KEY, old.name):
                continue
            for name in old.columns:
                self._check_foreign_column(name, old, f"Cannot drop column '{name}': needed in a foreign key", "1828")
            kept = copy.copy(old)
            kept.columns = tuple(self.names.get(one.lower(), one) for one in old.columns)
            self.new.foreign_keys.append(kept)
        for _, key in self.referring:
            for name in key.referred if not self._is_gone(key) else ():
                self._check_foreign_column(
                    name, key, f"Cannot drop column '{name}': needed in a foreign key", "1829", is_referred=True
                )

    def _check_foreign_column(
        self, name: str, key: ForeignKey, message: str, code: str, *, is_referred: bool = False
    ) -> None:
        if self._dropped(COLUMN, name):
            raise Rejected(message, code)
        old, new = self.old.column(name), self._new_column(name)
        if new is None:
            return
        if self.plan.convert is not None and old.type.collation is not None:
            raise NotUnderstood("CONVERT TO CHARACTER SET of a table whose foreign keys hold text")
        if not _is_compatible(old, new):
            if not self.database.foreign_key_checks:
                raise NotUnderstood("a changed column of a foreign key with FOREIGN_KEY_CHECKS=0")
            raise Rejected(f"Cannot change column '{name}': used in a foreign key constraint '{key.name}'", "1832")
        is_own = any(one is key for one in self.old.foreign_keys) and not is_referred
        if is_own and "SET NULL" in (key.on_delete, key.on_update) and not new.is_nullable:
            raise Rejected(f"Column '{name}' cannot be NOT NULL: needed in a foreign key constraint", "1830")

    def _old_keys(self) -> list[KeyText]:
        """The keys that stay, without the columns that are gone."""
        keys: list[KeyText] = []
        renamings = {one.old.lower(): one.new for one in self.plan.key_names}
        for old in self.old.keys:
            if self._dropped(KEY, old.name):
                continue
            parts = [self._kept_part(part) for part in old.parts]
            kept = [one for one in parts if one is not None]
            name = renamings.pop(old.name.lower(), old.name)
            if not kept:
                continue
            if len(kept) < len(parts) and old.is_unique and self.server.is_mariadb:
                raise Rejected(f"Key column doesn't exist in table: {old.name}", "1072")
            is_generated = old.is_generated and name == old.name
            using = "" if old.is_hashed else old.using
            is_ignored = self.plan.ignored.pop(old.name.lower(), old.is_ignored)
            keys.append(KeyText(old.kind, name, kept, is_generated, using, old.comment, is_ignored))
        old_names = [one.old.lower() for one in self.plan.key_names]
        if len(set(old_names)) < len(old_names):
            raise Rejected("Key doesn't exist in table", "1176")
        if any(same_name(name, "PRIMARY") for one in self.plan.key_names for name in (one.old, one.new)):
            raise Rejected("Incorrect index name 'PRIMARY'", "1280")
        for name in [*renamings, *self.plan.ignored]:
            raise Rejected(f"Key '{name}' doesn't exist in table '{self.old.name}'", "1176")
        return keys

    def _kept_part(self, part: KeyPart) -> Optional[KeyPart]:
        column = self._new_column(part.column)
        if column is None:
            return None
        length = part.length
        if length is not None:
            old = self.old.column(part.column)
            is_whole = old.type.name not in _STRINGS or column.type.name not in _STRINGS
            sized = not is_whole and not is_large(column.type)
            most = int(column.type.arguments[0]) if sized else None
            if is_whole or (most is not None and most < length):
                length = None
        return KeyPart(column.name, length, part.is_descending)

    def _check_needed_keys(self) -> None:
        remaining = self.new.keys
        for old in self.old.keys:
            kept = [one for one in remaining if one.name == old.name]
            if kept and len(kept[0].parts) == len(old.parts) and kept[0].is_hashed == old.is_hashed:
                continue
            self._check_needed_key(old, remaining)

    def _check_needed_key(self, old: Key, remaining: list[Key]) -> None:
        for key in self.old.foreign_keys:
            if (
                self._is_gone(key)
                and key.table == self.old.name
                and (old.covers(key.referred) or old.covers(key.columns))
            ):
                raise NotUnderstood("a key dropped together with a foreign key of a table to itself")
        parts = tuple(KeyPart(self.names.get(p.column.lower(), p.column), p.length, p.is_descending) for p in old.parts)
        renamed = replace(old, parts=parts)
        referring = []
        for other, key in self.referring:
            if self._is_gone(key):
                continue
            copied = copy.copy(key)
            copied.referred = tuple(self.names.get(one.lower(), one) for one in key.referred)
            referring.append((other, copied))
        if is_needed(renamed, remaining, self.new, referring):
            if old.kind == model.PRIMARY and any(other is self.old for other, _ in self.referring):
                raise NotUnderstood("the primary key dropped that a foreign key of the table to itself needs")
            if not self.database.foreign_key_checks:
                raise NotUnderstood("a key that a foreign key needs is dropped with FOREIGN_KEY_CHECKS=0")
            raise Rejected(f"Cannot drop index '{old.name}': needed in a foreign key constraint", "1553")

    def _refuse_entangled(self) -> None:
        """Clauses whose effect on one another was not tried."""
        plan = self.plan
        if any(one.replaces is not None and self._dropped(COLUMN, one.replaces) for one in plan.columns):
            raise NotUnderstood("a column both changed and dropped")
        if any(self._dropped(COLUMN, one.name) for one in plan.columns):
            raise NotUnderstood("a column dropped and made anew")
        foreign = [one for one in plan.items if isinstance(one, ForeignKeyText)]
        if plan.drops and any(one.table == self.old.name for one in foreign):
            raise NotUnderstood("a foreign key of a table to itself beside DROP")
        clauses = len(plan.drops) + len(plan.columns) + len(plan.items) + len(plan.defaults) + len(plan.column_names)
        clauses += len(plan.key_names) + (plan.options != Options()) + (plan.convert is not None)
        renamed = {one.old.lower() for one in plan.column_names}
        renamed |= {str(one.replaces).lower() for one in plan.columns if one.replaces not in (None, one.name)}
        named = {name.lower() for key in self.old.foreign_keys for name in key.columns}
        named |= {name.lower() for _, key in self.referring for name in key.referred}
        if clauses > 1 and renamed & named:
            raise NotUnderstood("a renamed column of a foreign key beside other clauses")

    def _check_cascading_nulls(self) -> None:
        """What the primary key has made NOT NULL must not be set to NULL (1830)."""
        for key in self.new.foreign_keys:
            for name in key.columns:
                if "SET NULL" in (key.on_delete, key.on_update) and not self.new.column(name).is_nullable:
                    raise Rejected(f"Column '{name}' cannot be NOT NULL: needed in a foreign key constraint", "1830")
        for child, key in [*((self.new, one) for one in self.new.foreign_keys), *self.referring]:
            parent = self.new if (key.schema, key.table) == (self.old.schema, self.old.name) else None
            parent = parent or self.database.permanent_table(key.schema, key.table)
            child = self.new if child is self.old else child
            before = self.old if parent is self.new else parent
            gaps = [has_null_gap(child, key, one) for one in (parent, before) if one is not None]
            if key.on_update == "CASCADE" and any(gaps):
                raise NotUnderstood("ON UPDATE CASCADE from a column with NULL to one without")

    def _refuse_unhashed(self) -> None:
        """A unique key that no longer needs its hash comes at a place of its own."""
        for old in self.old.keys:
            new = next((one for one in self.new.keys if one.name == old.name), None)
            if (
                old.is_hashed
                and new is not None
                and not new.is_hashed
                and sum(one.is_unique for one in self.new.keys) > 1
            ):
                raise NotUnderstood("a unique key over long columns made a short one")

    def _rename_references(self) -> None:
        for own in self.old.foreign_keys:
            names = {one.lower() for one in (*own.columns, *own.referred)}
            if own.table == self.old.name and any(self.names.get(one, one).lower() != one for one in names):
                raise NotUnderstood("a renamed column of a foreign key of a table to itself")
        for _, key in self.referring:
            key.referred = tuple(self.names.get(one.lower(), one) for one in key.referred)
        for own in self.new.foreign_keys:
            if (own.schema, own.table) == (self.old.schema, self.old.name):
                own.referred = tuple(self.names.get(one.lower(), one) for one in own.referred)


def _check_cast(old: Column, new: Column) -> None:
    """Some types cannot be made of others (4078)."""
    one, other = old.type.name, new.type.name
    special = (*SPATIAL, *MARIADB_TYPES)
    if one != other and (one in special or other in special):
        raise NotUnderstood(f"a column of type {one} made {other}")


def _is_compatible(old: Column, new: Column) -> bool:
    """May a column of a foreign key be changed so? (Field::is_equal)"""
    one, other = old.type, new.type
    if one.name != other.name or one.collation != other.collation or one.is_unsigned != other.is_unsigned:
        return False
    # the width of an integer is no more than how it is shown
    return one.arguments == other.arguments or one.name in INTEGERS
