"""Questions to the logs, saved where a person looks when something is wrong."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Stack, aws_logs
from constructs import Construct


class SavedQueries(Construct):
    """Logs Insights queries, in a folder with the name of the stack.

    Parameters
    ----------
    queries
        Name in the console to the commands of the query, one after the other.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        log_groups: Sequence[aws_logs.ILogGroup],
        queries: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(scope, construct_id)
        self.definitions: Final = [
            aws_logs.CfnQueryDefinition(
                self,
                name.title().replace(" ", ""),
                name=f"{Stack.of(self).stack_name}/{name}",
                query_string="\n| ".join(commands),
                log_group_names=[group.log_group_name for group in log_groups],
            )
            for name, commands in queries.items()
        ]
