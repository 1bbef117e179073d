"""Two systems on one machine at the same time."""

from __future__ import annotations

from pathlib import Path

from running_system import start_system


def test_two_systems_run_side_by_side_and_share_nothing(tmp_path: Path) -> None:
    with (
        start_system(tmp_path, "automation") as automation,
        start_system(tmp_path, "vpc-api") as vpc_api,
    ):
        made = automation.request("POST", "/", {"id": "mine", "data": {}})
        assert made.status == 201
        assert automation.request("GET", "/mine").status == 200
        assert vpc_api.request("GET", "/api/items").json()["items"] == []
        foreign = {"x-api-key": automation.api_key}
        assert vpc_api.request("GET", "/api/items", headers=foreign).status == 403
        tables = [
            each.client("dynamodb").list_tables()["TableNames"] for each in (automation, vpc_api)
        ]
        assert not set(tables[0]) & set(tables[1])
        assert automation.state.parent == vpc_api.state.parent
