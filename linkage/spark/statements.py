"""The named statements of ``linkage/sql`` in Spark's words: one text for both engines."""

from __future__ import annotations

from functools import cache

from sqlglot import exp, parse_one

from linkage.engine import statement


@cache
def translated(name: str) -> tuple[str, str]:
    """The query of ``sql/NAME.sql`` for Spark, and the name of the table that it makes; "" if it makes none."""
    read = parse_one(statement(name), dialect="duckdb").transform(_one_bit_each)
    if isinstance(read, exp.Create):
        return read.expression.sql(dialect="spark"), read.this.name
    return read.sql(dialect="spark"), ""


def _one_bit_each(node: exp.Expression) -> exp.Expression:
    """DuckDB's grouping() of several columns: Spark's knows one at a time, or all of them in its own order."""
    if not isinstance(node, exp.Grouping) or len(node.expressions) == 1:
        return node
    weights = [1 << place for place in reversed(range(len(node.expressions)))]
    bits = [
        exp.Mul(this=exp.Grouping(expressions=[column]), expression=exp.Literal.number(weight))
        for column, weight in zip(node.expressions, weights, strict=True)
    ]
    return exp.Paren(this=_added(bits))


def _added(terms: list[exp.Mul]) -> exp.Expression:
    first, *rest = terms
    total: exp.Expression = first
    for term in rest:
        total = exp.Add(this=total, expression=term)
    return total
