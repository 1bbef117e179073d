"""Queries of metric data: statistics, and expressions over them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cloudworthy.local.observe.metrics.expression import (
    Array,
    Call,
    Expression,
    ExpressionError,
    Name,
    Negation,
    Number,
    Operation,
    Text,
    calls,
    names,
    parse,
)
from cloudworthy.local.observe.metrics.functions import FUNCTIONS, Value, each, fill, pointwise
from cloudworthy.local.observe.metrics.series import MetricStat, Series, Window, series
from cloudworthy.local.observe.metrics.store import MetricStore

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "&&": lambda a, b: float(bool(a) and bool(b)),
    "||": lambda a, b: float(bool(a) or bool(b)),
}
_OF_QUERIES = {"FILL", "METRICS", "PERIOD", "TIME_SERIES"}
_WORDS = {"REPEAT", "LINEAR"}


@dataclass(frozen=True, slots=True)
class Query:
    """One ``MetricDataQuery``: a statistic of a metric, or an expression over other queries."""

    query_id: str
    stat: MetricStat | None = None
    expression: Expression | None = None
    label: str = ""
    return_data: bool = True


def parse_expression(text: str) -> Expression:
    """Read an expression and refuse functions that there are not.

    Raises
    ------
    ExpressionError
    """
    expression = parse(text)
    unknown = sorted(set(calls(expression)) - FUNCTIONS.keys() - _OF_QUERIES)
    if unknown:
        raise ExpressionError(f"the function {unknown[0]} is not available on this machine")
    return expression


def period_of(queries: Sequence[Query], query: Query) -> int:
    """The longest period among the metrics of a set of queries, for an expression."""
    if query.stat is not None:
        return query.stat.period_s
    return max((it.stat.period_s for it in queries if it.stat), default=60)


class Evaluation:
    """Answers a set of queries over one window; each is worked out once.

    Source: CloudWatch user guide, "Metric math syntax and functions" (documented).
    """

    def __init__(self, store: MetricStore, queries: Sequence[Query], window: Window) -> None:
        self._store = store
        self._queries = {it.query_id: it for it in queries}
        self._window = window
        self._done: dict[str, Value] = {}
        self._running: list[str] = []

    def result(self, query_id: str) -> list[Series]:
        """The time series of a query; a number is one data point in every period.

        Raises
        ------
        ExpressionError
        """
        value = self._value(query_id)
        results = value if isinstance(value, list) else [value]
        return [self._as_series(it) for it in results]

    def _as_series(self, value: object) -> Series:
        if isinstance(value, dict):
            return value
        if not isinstance(value, float | int):
            raise ExpressionError(f"a query answers {value!r}, which is no time series")
        return dict.fromkeys(self._times(), float(value))

    def _value(self, query_id: str) -> Value:
        if query_id in self._done:
            return self._done[query_id]
        query = self._queries.get(query_id)
        if query is None:
            raise ExpressionError(f"there is no query {query_id}")
        if query_id in self._running:
            raise ExpressionError(f"the query {query_id} refers to itself")
        self._running.append(query_id)
        if query.stat is not None:
            value: Value = series(self._store, query.stat, self._window)
        else:
            value = self._evaluate(query.expression or Number(0))
        self._running.pop()
        self._done[query_id] = value
        return value

    def _evaluate(self, expression: Expression) -> Value:
        match expression:
            case Number(value) | Text(value):
                return value
            case Name(name):
                return name if name in _WORDS else self._value(name)
            case Array(elements):
                return self._array(elements)
            case Negation(operand):
                return self._evaluate(Operation("*", Number(-1.0), operand))
            case Operation(symbol, left, right):
                return self._operate(symbol, self._evaluate(left), self._evaluate(right))
            case Call(function, arguments):
                return self._call(function, arguments)

    def _array(self, elements: Sequence[Expression]) -> Value:
        """Arrays in an array are one array."""
        flat: list[float | Series] = []
        for value in map(self._evaluate, elements):
            if isinstance(value, str):
                raise ExpressionError(f"{value!r} cannot be an element of an array")
            flat += value if isinstance(value, list) else [value]
        return flat

    def _operate(self, symbol: str, left: Value, right: Value) -> Value:
        function = _OPERATORS[symbol]
        if isinstance(left, list):
            return each(lambda it: self._single(function, it, right), left)
        return each(lambda it: self._single(function, left, it), right)

    def _single(
        self, function: Callable[[float, float], float], left: Value, right: Value
    ) -> float | Series:
        if isinstance(left, list | str) or isinstance(right, list | str):
            raise ExpressionError("an operator stands between two arrays, or beside a text")
        return pointwise(function, left, right)

    def _call(self, function: str, arguments: Sequence[Expression]) -> Value:
        if function == "METRICS":
            return self._metrics(arguments)
        if not arguments:
            raise ExpressionError(f"{function} needs an argument")
        if function == "PERIOD":
            return float(self._period(arguments[0]))
        values = [self._evaluate(it) for it in arguments]
        try:
            if function == "FILL":
                return fill(values[0], values[1], self._times())
            if function == "TIME_SERIES":
                return self._as_series(values[0])
            return FUNCTIONS[function](values)
        except IndexError as error:
            raise ExpressionError(f"{function} has too few arguments") from error

    def _metrics(self, arguments: Sequence[Expression]) -> Value:
        """Every metric of the queries, or those whose id has a text in it."""
        part = arguments[0].value if arguments and isinstance(arguments[0], Text) else ""
        found = [it for it in self._queries.values() if it.stat and part in it.query_id]
        return [self._as_series(self._value(it.query_id)) for it in found]

    def _period(self, argument: Expression) -> int:
        queries = list(self._queries.values())
        named = [self._queries[it] for it in names(argument) if it in self._queries]
        return max((period_of(queries, it) for it in named), default=60)

    def _times(self) -> range:
        queries: Mapping[str, Query] = self._queries
        period_s = max((it.stat.period_s for it in queries.values() if it.stat), default=60)
        return range(self._window.start_s, self._window.end_s, period_s)
