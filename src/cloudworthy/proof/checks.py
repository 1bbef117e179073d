"""All static checks of some stacks, side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cloudworthy.proof.alarm_actions import alarm_actions
from cloudworthy.proof.cfn_lint import cfn_lint
from cloudworthy.proof.checkov import Checkov
from cloudworthy.proof.finding import Finding, Synthesized, Template
from cloudworthy.proof.reachability import unreachable_services
from cloudworthy.proof.rule_packs import rule_packs
from cloudworthy.proof.watched_functions import watched_functions
from cloudworthy.proof.wildcards import wildcards

CHECKS = ("cfn-lint", "cdk-nag", "checkov", "cloudworthy")

_OURS: tuple[Callable[[Template], Iterable[Finding]], ...] = (
    unreachable_services,
    wildcards,
    watched_functions,
    alarm_actions,
)


def check_stacks(
    stacks: Sequence[Synthesized], *, cache: Path, skipped: Collection[str] = ()
) -> dict[str, list[Finding]]:
    """The findings of each stack, by its name; those that are accepted are left out.

    What a check needs is installed into ``cache``; those that are ``skipped`` are not made.

    Raises
    ------
    CloudworthyError
        A check could not be made. It is never taken for one without findings.
    """
    found: dict[str, list[Finding]] = {stack.name: [] for stack in stacks}
    made = [check for check in CHECKS if check not in skipped]
    if "cloudworthy" in made:
        for stack in stacks:
            found[stack.name] += [f for check in _OURS for f in check(stack.template)]
    tools = {"cfn-lint": cfn_lint, "cdk-nag": rule_packs, "checkov": Checkov(cache).check}
    # Two at a time: each is a process that keeps one processor busy.
    with ThreadPoolExecutor(max_workers=2) as executor:
        for results in executor.map(
            lambda tool: tool(stacks), (tools[check] for check in made if check in tools)
        ):
            for stack, findings in zip(stacks, results, strict=True):
                found[stack.name] += findings
    return {name: sorted(set(findings)) for name, findings in found.items()}
