"""Reads an expression by MySQL's grammar (sql_yacc.yy). What is outside the whitelist stays as text, inexact."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood
from ..scanner import MysqlCursor
from . import nodes
from .functions import BARE, PLAIN, RENAMED
from .nodes import Node

#: Levels of the operators with two operands (item.h, enum precedence); `higher` binds tighter.
LEVELS = {
    "or": 1, "xor": 2, "and": 3, "not": 4, "comparison": 5, "|": 8, "&": 9, "shift": 10, "interval": 11,
    "add": 12, "multiply": 13, "^": 14, "unary": 15, "collate": 16, "atom": 20,
}  # fmt: skip
_COMPARISONS = {"=": "=", "<=>": "<=>", ">=": ">=", ">": ">", "<=": "<=", "<": "<", "<>": "<>", "!=": "<>"}
_ARITHMETIC = {
    "|": ("|", "|"), "&": ("&", "&"), "<<": ("<<", "shift"), ">>": (">>", "shift"), "+": ("+", "add"),
    "-": ("-", "add"), "*": ("*", "multiply"), "/": ("/", "multiply"), "%": ("MOD", "multiply"),
    "div": ("DIV", "multiply"), "mod": ("MOD", "multiply"), "^": ("^", "^"),
}  # fmt: skip
_UNITS = frozenset(["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"])


def parse(cursor: MysqlCursor) -> Node:
    """An expression; the cursor stands after it. NotUnderstood where the grammar is not followed."""
    return _junction(cursor, "or")


def read_atom(cursor: MysqlCursor) -> Node:
    """One operand, without operators around it: what DEFAULT takes without parentheses."""
    return _atom(cursor)


def _junction(cursor: MysqlCursor, word: str) -> Node:
    read = _xor if word == "or" else _not
    signs = {"or": ("or", "||"), "and": ("and", "&&")}[word]
    args = [read(cursor)]
    while cursor.accept_one(*signs):
        args.append(read(cursor))
    return args[0] if len(args) == 1 else Node(nodes.JUNCTION, word, tuple(args))


def _xor(cursor: MysqlCursor) -> Node:
    left = _junction(cursor, "and")
    while cursor.accept("xor"):
        left = Node(nodes.BINARY, "xor", (left, _junction(cursor, "and")))
    return left


def _not(cursor: MysqlCursor) -> Node:
    if cursor.accept("not"):
        return Node(nodes.UNARY, "not", (_not(cursor),))
    return _comparison(cursor)


def _comparison(cursor: MysqlCursor) -> Node:
    left = _predicate(cursor)
    while True:
        sign = cursor.accept_one(*_COMPARISONS)
        if sign is not None:
            if cursor.at("any") or cursor.at("all") or cursor.at("some"):
                cursor.fail("a quantified comparison")
            left = Node(nodes.BINARY, _COMPARISONS[sign], (left, _predicate(cursor)))
        elif cursor.accept("is"):
            left = Node(nodes.POSTFIX, _is_what(cursor), (left,))
        else:
            return left


def _is_what(cursor: MysqlCursor) -> str:
    negation = "not " if cursor.accept("not") else ""
    what = cursor.expect_one("null", "true", "false", "unknown")
    return f"is {negation}{'null' if what == 'unknown' else what}"


def _predicate(cursor: MysqlCursor) -> Node:
    left = _binary(cursor, LEVELS["|"])
    start = cursor.index
    negation = "not " if cursor.accept("not") else ""
    if cursor.accept("in"):
        return _in(cursor, left, negation)
    if cursor.accept("between"):
        low = _binary(cursor, LEVELS["|"])
        cursor.expect("and")
        return Node(nodes.BETWEEN, f"{negation}between", (left, low, _predicate(cursor)))
    if cursor.accept("like"):
        args: tuple[Node, ...] = (left, _binary(cursor, LEVELS["|"]))
        if cursor.accept("escape"):
            args = (*args, Node(nodes.STRING, cursor.string()))
        return Node(nodes.LIKE, f"{negation}like", args)
    if cursor.accept_one("regexp", "rlike"):
        return Node(nodes.LIKE, f"{negation}regexp", (left, _binary(cursor, LEVELS["|"])))
    cursor.index = start
    return left


def _in(cursor: MysqlCursor, left: Node, negation: str) -> Node:
    cursor.expect("(")
    if cursor.at("select") or cursor.at("with"):
        cursor.fail("a subquery")
    members = [parse(cursor)]
    while cursor.accept(","):
        members.append(parse(cursor))
    cursor.expect(")")
    if len(members) == 1:
        return Node(nodes.BINARY, "<>" if negation else "=", (left, members[0]))
    return Node(nodes.IN, f"{negation}in", (left, *members))


def _binary(cursor: MysqlCursor, level: int) -> Node:
    """Operators of `level` and tighter, all of them left-associative."""
    left = _unary(cursor)
    while True:
        found = _ARITHMETIC.get(cursor.word())
        if found is None or LEVELS[found[1]] < level:
            return left
        shown, family = found
        cursor.index += 1
        if shown in "+-" and cursor.at("interval"):
            left = _interval(cursor, left, shown)
        else:
            left = Node(nodes.BINARY, shown, (left, _binary(cursor, LEVELS[family] + 1)))


def _interval(cursor: MysqlCursor, moment: Node, sign: str) -> Node:
    cursor.expect("interval")
    amount = parse(cursor)
    unit = cursor.word()
    if unit not in _UNITS:
        cursor.fail("unit of an interval expected")
    cursor.index += 1
    return Node(nodes.INTERVAL, f"{sign} {unit}", (moment, amount), is_exact=amount.kind == nodes.NUMBER)


def _unary(cursor: MysqlCursor) -> Node:
    if cursor.accept("-"):
        token = cursor.peek()
        if token is not None and token.kind == "number":
            return _collate(cursor, Node(nodes.NUMBER, "-" + _number(cursor.take().value)))
        return Node(nodes.UNARY, "-", (_unary(cursor),))
    if cursor.accept("+"):
        return _unary(cursor)
    if cursor.accept("~"):
        return Node(nodes.UNARY, "~", (_unary(cursor),))
    if cursor.accept("!"):
        return Node(nodes.UNARY, "not", (_unary(cursor),))
    if cursor.accept("binary"):
        return Node(nodes.CAST, "char charset binary", (_unary(cursor),))
    return _collate(cursor, _atom(cursor))


def _collate(cursor: MysqlCursor, node: Node) -> Node:
    while cursor.accept("collate"):
        node = Node(nodes.BINARY, "collate", (node, Node(nodes.RAW, cursor.label().lower())))
    return node


def _number(text: str) -> str:
    return str(int(text)) if text.isdigit() else text


def _atom(cursor: MysqlCursor) -> Node:
    token = cursor.peek()
    if token is None:
        cursor.fail("expression expected")
    if token.kind == "number":
        # 10.11 shows the digits of a decimal as written, and a power in lower case
        is_exact = token.value.isdigit() or (token.value[0] != "." and "E" not in token.value)
        return Node(nodes.NUMBER, _number(cursor.take().value), is_exact=is_exact)
    if token.kind == "string":
        return _string(cursor)
    if token.kind == "bits":
        return Node(nodes.BITS, cursor.take().value, is_exact=False)
    if cursor.accept("("):
        return _group(cursor)
    word = token.word
    if word == "null":
        cursor.index += 1
        return Node(nodes.NULL, "NULL")
    if word in ("true", "false"):
        cursor.index += 1
        return Node(nodes.NUMBER, "1" if word == "true" else "0")
    return _named(cursor, word)


def _string(cursor: MysqlCursor) -> Node:
    value = cursor.string()
    return Node(nodes.STRING, value, is_exact=value.isascii() and value.isprintable())


def _group(cursor: MysqlCursor) -> Node:
    if cursor.at("select") or cursor.at("with"):
        cursor.fail("a subquery")
    node = parse(cursor)
    if cursor.at(","):
        cursor.fail("a row")
    cursor.expect(")")
    return node


def _named(cursor: MysqlCursor, word: str) -> Node:
    if word == "case":
        return _case(cursor)
    if word in ("cast", "convert") and cursor.word(1) == "(":
        return _cast(cursor)
    if word and cursor.word(1) == "(":
        return _call(cursor, word)
    if word in BARE:
        cursor.index += 1
        return Node(nodes.FUNCTION, RENAMED.get(word, word))
    following = cursor.peek(1)
    if (
        following is not None
        and following.kind == "string"
        and (word in ("date", "time", "timestamp") or word[0:1] == "_")
    ):
        first = cursor.index
        cursor.index += 2
        return Node(nodes.RAW, cursor.text_between(first, cursor.index), is_exact=False)
    name = cursor.name()
    while cursor.accept("."):
        name = cursor.label()
    if cursor.at("->") or cursor.at("->>"):
        cursor.fail("-> is no operator of MariaDB")
    return Node(nodes.COLUMN, name)


def _case(cursor: MysqlCursor) -> Node:
    cursor.expect("case")
    subject: Optional[Node] = None if cursor.at("when") else parse(cursor)
    args: list[Node] = [] if subject is None else [subject]
    while cursor.accept("when"):
        args.append(parse(cursor))
        cursor.expect("then")
        args.append(parse(cursor))
    has_else = cursor.accept("else")
    if has_else:
        args.append(parse(cursor))
    cursor.expect("end")
    return Node(nodes.CASE, ("subject " if subject else "") + ("else" if has_else else ""), tuple(args))


#: A cast's type as written, without its numbers, and as it is shown.
_CASTS = {
    "unsigned": "unsigned", "unsigned integer": "unsigned", "signed": "signed", "signed integer": "signed",
    "integer": "signed", "int": "signed", "date": "date", "datetime": "datetime", "time": "time", "double": "double",
}  # fmt: skip


def _cast(cursor: MysqlCursor) -> Node:
    is_convert = cursor.take().word == "convert"
    cursor.expect("(")
    operand = parse(cursor)
    if is_convert and cursor.accept("using"):
        charset = cursor.label().lower()
        cursor.expect(")")
        return Node(nodes.FUNCTION, f"convert using {charset}", (operand,), is_exact=charset == "utf8mb4")
    cursor.expect("," if is_convert else "as")
    first = cursor.index
    words = [cursor.take().word]
    if cursor.at("integer"):
        words.append(cursor.take().word)
    shown = " ".join(words)
    arguments = f"({cursor.skip_group()})" if cursor.at("(") else ""
    if shown in _CASTS and cursor.at(")"):
        shown = _CASTS[shown] + arguments.replace(" ", "")
    elif shown == "decimal" and cursor.at(")"):
        digits = arguments.strip("()").replace(" ", "") or "10"
        shown = f"decimal({digits if ',' in digits else digits + ',0'})"
    elif shown == "char" and cursor.at(")"):
        shown = f"char{arguments} charset utf8mb4"
    elif shown == "binary" and cursor.at(")"):
        shown = f"char{arguments} charset binary"
    else:
        while not cursor.at(")"):
            cursor.skip_group() if cursor.at("(") else cursor.take()
        text = cursor.text_between(first, cursor.index)
        cursor.expect(")")
        return Node(nodes.CAST, text, (operand,), is_exact=False)
    cursor.expect(")")
    return Node(nodes.CAST, shown, (operand,))


def _call(cursor: MysqlCursor, word: str) -> Node:
    first = cursor.index
    cursor.index += 2
    args: list[Node] = []
    while not cursor.accept(")"):
        if args:
            if not cursor.accept(","):
                return _odd_call(cursor, first, word)
            if cursor.at("interval"):
                return _shifted(cursor, word, args[0])
        args.append(parse(cursor))
    return _known_call(word, tuple(args))


def _odd_call(cursor: MysqlCursor, first: int, word: str) -> Node:
    """A function whose arguments are not parted by commas: `trim(both …)`, `extract(year from …)`."""
    cursor.index = first + 1
    cursor.skip_group()
    return Node(nodes.RAW, cursor.text_between(first, cursor.index), is_exact=False)


def _shifted(cursor: MysqlCursor, word: str, moment: Node) -> Node:
    """date_add and date_sub with INTERVAL."""
    sign = {"date_add": "+", "adddate": "+", "date_sub": "-", "subdate": "-"}.get(word)
    if sign is None:
        cursor.fail(f"INTERVAL in {word}")
    node = _interval(cursor, moment, sign)
    cursor.expect(")")
    return node


def _known_call(word: str, args: tuple[Node, ...]) -> Node:
    """What the server makes of some functions (item_create.cc)."""
    if word == "mod" and len(args) == 2:
        return Node(nodes.BINARY, "MOD", args)
    if word == "isnull" and len(args) == 1:
        return Node(nodes.POSTFIX, "is null", args)
    if word in ("date", "time") and len(args) == 1:
        return Node(nodes.CAST, word, args)
    if word == "instr" and len(args) == 2:
        return Node(nodes.FUNCTION, "locate", (args[1], args[0]))
    if word == "round" and len(args) == 1:
        return Node(nodes.FUNCTION, "round", (*args, Node(nodes.NUMBER, "0")))
    shown = RENAMED.get(word, word)
    if (shown not in PLAIN and word not in RENAMED) or (word == "unix_timestamp" and not args):
        raise NotUnderstood(f"the function {word}() in an expression")
    return Node(nodes.FUNCTION, shown, args)
