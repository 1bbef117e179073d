"""How much of the work failed, whoever noticed it.

A function that catches its error and answers 500 has not failed for Lambda, and one that was
called asynchronously has no answer that the gateway could count. So both are asked, and the
larger number counts: a crash behind the gateway is in both and must not count twice.
"""

from typing import Final

from aws_cdk.aws_cloudwatch import IMetric, MathExpression

from cloudworthy.constructs import metrics
from cloudworthy.constructs.service_function import ServiceFunction

_FAILURES: Final = "MAX([FILL(failed, 0), FILL(answered, 0)])"


def failures(function: ServiceFunction, server_errors: IMetric) -> MathExpression:
    """Invocations that failed, or answers of 500 and more, whichever are more."""
    return MathExpression(
        expression=_FAILURES,
        label="Failures",
        period=metrics.PERIOD,
        using_metrics={"failed": metrics.function_errors(function), "answered": server_errors},
    )


def failure_percentage(function: ServiceFunction, server_errors: IMetric) -> MathExpression:
    """Failures in a hundred invocations; 0 when nothing was invoked."""
    return MathExpression(
        expression=f"IF(FILL(invocations, 0) > 0, 100 * {_FAILURES} / invocations, 0)",
        label="Failures in %",
        period=metrics.PERIOD,
        using_metrics={
            "failed": metrics.function_errors(function),
            "answered": server_errors,
            "invocations": metrics.function_invocations(function),
        },
    )
