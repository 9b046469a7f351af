"""The nightly run as an Airflow 3 DAG: a task for each part, so that each can be repeated alone.

Put it into the folder of DAGs. The parts share the run's folder: what one has done the next one
finds, and a task that is tried again goes on where it stopped. NEO4J_URI, NEO4J_USERNAME and
NEO4J_PASSWORD are in the workers' environment.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

SHOP = "/srv/shop"
KGREC = f"cd {SHOP} && .venv/bin/kgrec"

with DAG(
    dag_id="kgrec",
    schedule="15 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=10)},
) as dag:
    etl = BashOperator(
        task_id="etl",
        bash_command=f"{KGREC} etl my.yaml --json-logs",
        append_env=True,
    )
    train = BashOperator(
        task_id="train",
        bash_command=f"{KGREC} train my.yaml --json-logs",
        append_env=True,
    )
    publish = BashOperator(
        task_id="publish",
        # once: trying again does not change what is held back (6)
        bash_command=f"{KGREC} run my.yaml --json-logs",
        append_env=True,
        retries=1,
    )
    textfile = BashOperator(
        task_id="textfile",
        bash_command=f"{KGREC} runs textfile -o /var/lib/node_exporter/kgrec.prom",
        append_env=True,
        trigger_rule="all_done",
    )
    etl >> train >> publish >> textfile
