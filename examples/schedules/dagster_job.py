"""The nightly run as a Dagster asset: its run, status and figures are the asset's metadata.

    dagster dev -f dagster_job.py

NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD are in the environment.
"""

import json
import subprocess

import dagster as dg

SHOP = "/srv/shop"
KGREC = f"{SHOP}/.venv/bin/kgrec"
TRY_AGAIN = (3, 5)
"""Exit codes that pass: the graph is away, another run is busy."""


@dg.asset(retry_policy=dg.RetryPolicy(max_retries=3, delay=600))
def recommendations(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Every user's list in the graph; `kgrec run` does only what is not done yet."""
    done = subprocess.run(  # noqa: S603 - words of our own
        [KGREC, "run", "my.yaml", "--json-logs"],
        cwd=SHOP,
        capture_output=True,
        text=True,
        check=False,
    )
    context.log.info(done.stderr)
    if done.returncode:
        raise dg.Failure(
            f"kgrec left with {done.returncode}: {done.stderr[-2000:]}",
            allow_retries=done.returncode in TRY_AGAIN,
        )
    outcome = json.loads(done.stdout.splitlines()[-1])
    return dg.MaterializeResult(
        metadata={
            "run": outcome["run"],
            "folder": dg.MetadataValue.path(outcome["folder"]),
            "nothing to do": outcome["nothing_to_do"],
            "stages": dg.MetadataValue.json(outcome["stages"]),
        }
    )


nightly = dg.ScheduleDefinition(
    name="nightly",
    target=dg.AssetSelection.assets(recommendations),
    cron_schedule="15 2 * * *",
)
defs = dg.Definitions(assets=[recommendations], schedules=[nightly])
