"""A run's folder with a little of everything, for the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.staging import SCHEMAS
from etl.tables import REJECTED

JUNE = datetime(2024, 6, 1, tzinfo=UTC)
Row = Mapping[str, object]
TEXT = "Came on Monday. The bass is superb, but the strap is awful! We went home."


def write_folder(folder: Path, word: str = "plain") -> Path:
    """Write a run's folder where every free text holds `word`, and return it."""
    staging = folder / "staging"
    staging.mkdir(parents=True)
    for name, rows in _tables(word).items():
        schema = SCHEMAS[name]
        pq.write_table(pa.Table.from_pylist(rows, schema), staging / f"{name}.parquet")
    rejected = {"source": "a.csv", "line": 7, "reason": "bad date", "detail": word, "raw": word}
    pq.write_table(pa.Table.from_pylist([rejected] * 5, REJECTED), folder / "rejected.parquet")
    curve = [
        {"model": "hetero-gat", "seed": 20, "step": step, "loss": 1 / step, "valid_ndcg": 0.3}
        for step in (20, 40, 60)
    ]
    pq.write_table(pa.Table.from_pylist(curve), folder / "curves.parquet")
    hits: list[dict[str, object]] = [
        {"model": "hetero-gat", "user_id": f"ada {word}", "rank": rank, "item_id": "lamp"}
        | {"score": 1.0, "hit": rank == 2}
        for rank in (1, 2)
    ]
    pq.write_table(pa.Table.from_pylist(hits), folder / "lists.parquet")
    for name, content in _documents(word).items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def _tables(word: str) -> dict[str, list[Row]]:
    text = f"{word} {TEXT}"
    bass, strap = text.index("bass"), text.index("strap")
    at = {"extractor": "fake/1", "review_id": "r1"}
    mention = at | {"target_kind": "Aspect", "count": 1}
    rated = {"user_id": "ada", "item_id": "lamp", "behaviour": "RATED", "source": "a.csv"}
    return {
        "interactions": [rated | {"rating": stars, "at": JUNE} for stars in (5.0, 4.0, 1.0)],
        "reviews": [
            {"review_id": "r1", "user_id": "ada", "item_id": "lamp", "text": text}
            | {"content_hash": "x", "source": "a.csv"}
        ],
        "items": [{"item_id": "lamp", "title": f"Lamp {word}", "source": "a.csv"}],
        "resolved": [
            {"kind": "Brand", "value": f"Halden Inc. {word}", "merged_into": f"Halden {word}"}
            | {"rule": "company", "items": 4}
        ],
        "review_facts": [at | {"language": "de", "tokens": 9, "sentiment": 0.1}],
        "aspects": [
            {"aspect_id": key, "name": f"{key} {word}", "score": 1.0, "extractor": "fake/1"}
            for key in ("bass", "strap")
        ],
        "mentions": [
            mention | {"target_id": "bass", "sentiment": 0.8, "starts": [bass], "ends": [bass + 4]},
            mention
            | {"target_id": "strap", "sentiment": -0.6, "starts": [strap], "ends": [strap + 5]},
        ],
        "topics": [
            {"topic_id": "t1", "label": f"music {word}", "words": ["bass", word], "weak": True}
            | {"word_weights": [0.4, 0.2], "coherence": 0.12, "model_version": "1"}
        ],
        "review_topics": [at | {"topic_id": "t1", "weight": 0.9}],
        "topic_drift": [
            {"change": "kept", "topic_id": "t1", "label": f"music {word}", "distance": 0.25}
            | {"other_id": "t1", "other_label": f"sound {word}"},
            {"change": "died", "topic_id": "t0", "label": f"post {word}"},
        ],
    }


def _documents(word: str) -> dict[str, object]:
    def model(ndcg: float) -> dict[str, object]:
        return {
            "test": {"ndcg@10": ndcg, "recall@20": 0.5, "coverage@10": 0.9, "diversity@10": 0.7}
            | {f"miscalibration_{word}@10": 0.3},
            "intervals": {"ndcg@10": [ndcg - 0.02, ndcg + 0.02]},
            "groups": {"cold_users_1_4": {"ndcg@10": ndcg / 2}},
            "users": {"overall": 40, "cold_users_1_4": 3},
            "seconds": 61.4,
            "traits": {
                f"town {word}": {
                    f"Graz {word}": {"users": 25, "ndcg@10": _figure(ndcg)},
                    "Linz": {"users": 24, "ndcg@10": _figure(ndcg + 0.1)},
                }
            },
        }

    def comparison(
        against: str, metric: str, difference: float, ratio: float, verdict: str
    ) -> dict[str, object]:
        reach = {"low": difference - 0.01, "high": difference + 0.01}
        return {"model": "hetero-gat", "against": against, "metric": metric, **reach} | {
            "difference": difference,
            "ratio": ratio,
            "verdict": verdict,
            "users": 1040,
        }

    return {
        "run.json": {
            "id": "run-1",
            "dataset": f"shop {word}",
            "status": "done",
            "version": "0.1.0",
            "target": f"embedded {word}",
            "started_at": "2026-01-02T03:04:05+00:00",
            "stages": {
                "read": {"seconds": 900, "status": "reused", "summary": word},
                "load": {"seconds": 3725, "status": "done", "summary": f"9 rows {word}"},
            },
        },
        "config.yaml": {"name": "shop", "seed": 20, "split": {"method": word}},
        "extract.json": {
            "sentiment_auc": 0.8312,
            "training_reviews": 6500,
            "topic_curve": {"5": 0.0123, "10": 0.0432},
            "sentiment_quality": {"en": {"labels": 6120, "auc": 0.8712, "lexicon_auc": 0.7431}},
            "learnt_sentiment": ["en"],
        },
        "metrics.json": {
            "split": {"method": "random"},
            "models": {
                "hetero-gat": model(0.33),
                f"ease{word}": model(0.3),
                "popularity": model(0.1),
            },
            "best_baseline": f"ease{word}",
            "reranked": {
                "model": "hetero-gat",
                "test": {"ndcg@10": 0.3123, f"miscalibration_{word}@10": 0.0456},
            },
            "comparisons": [
                comparison(f"ease{word}", "ndcg@10", 0.03, 1.1, "ahead"),
                comparison("popularity", "ndcg@10", 0.23, 3.3, "ahead"),
                comparison(f"ease{word}", "recall@20", 0.0, 1.0, "level"),
                comparison("popularity", "recall@20", 0.0, 1.0, "level"),
            ],
            "clicks": {
                "negatives_per_positive": 1,
                "seeds": [20, 21],
                "models": {
                    "hetero-gat": _clicks(0.9),
                    f"ease{word}": _clicks(0.8),
                },
            },
            "ratings": {
                "pairs": 4100,
                "users": 1040,
                "models": {
                    "hetero-gat": {
                        "test": {"rmse": 0.89, "mae": 0.7},
                        "intervals": {"rmse": [0.88, 0.9], "mae": [0.69, 0.71]},
                        "valid": {"rmse": 0.895, "mae": 0.71},
                    },
                    f"biased-mf{word}": {
                        "test": {"rmse": 0.92, "mae": 0.72},
                        "intervals": {"rmse": [0.91, 0.93], "mae": [0.71, 0.73]},
                        "valid": None,
                    },
                },
                "comparisons": [
                    comparison(f"biased-mf{word}", "rmse", -0.03, 0.967, "ahead"),
                    comparison(f"biased-mf{word}", "mae", -0.02, 0.972, "ahead"),
                ],
                "best_baseline": f"biased-mf{word}",
            },
            "probability": {
                "model": "hetero-gat",
                "places": 2000,
                "hits": 120,
                "calibration_error": 0.0123,
                "chance_error": 0.0045,
                "bins": [
                    {"places": 1000, "probability": p, "share": p + 0.01, "low": p, "high": 2 * p}
                    for p in (0.02, 0.09)
                ],
            },
        },
        "tradeoff.json": {
            "model": "hetero-gat",
            "method": "calibrated",
            "kind": f"Genre {word}",
            "points": [
                {"weight": w, "ndcg": 0.3 - w / 10, "diversity": 0.5 + w / 10}
                | {"coverage": 0.2, "miscalibration": 0.8 - w / 2}
                for w in (0.0, 0.5, 1.0)
            ],
        },
        "faithfulness.json": {
            "pairs": 200,
            "ks": [1, 3],
            "orders": [
                {"name": name, "deletion": [best / 2, best], "insertion": [best, best]}
                for name, best in (("evidence", 0.25), (f"message {word}", 0.5))
            ],
        },
        "checks.json": {
            "expectations": [
                {"name": f"likes {word}", "wanted": "many", "found": f"few {word}", "met": False}
            ],
            "forced_by": f"ada {word}",
        },
        "gate.json": [
            {"name": f"users {word}", "wanted": "all", "found": f"half {word}", "met": False},
            {"name": "quality", "wanted": "a comparison", "found": "none there", "met": None},
        ],
        "graph.json": {
            "nodes": {
                "EtlRun": 77,
                "User": 3,
                "Item": 1,
                "Review": 1,
                "Aspect": 2,
                "Attribute": 2,
                "Brand": 2,
            },
            "relationships": {
                "HAS_CHECKPOINT": 77,
                "RATED": 3,
                "RECOMMENDED": 9,
                "MENTIONS": 2,
                "FOLLOWS": 1,
            },
        },
        "neighbourhood.json": {
            "user": f"ada {word}",
            "circles": [_circle("ada", f"Ada {word}", "User"), _circle("lamp", "Lamp", "Item")],
            "lines": [
                {"start": "ada", "end": "lamp", "type": "RECOMMENDED", "caption": "place 1"}
                | {"colour": "#000000", "width": 6.0, "properties": {}}
            ],
        },
        "examples.json": {
            "users": [
                {
                    "user": f"ada {word}",
                    "liked": ["lamp", {"item": "desk", "title": "Desk"}],
                    "recommendations": [
                        {"rank": 1, "item": "lamp", "probability": 0.42, "coldStart": True}
                        | {"reasons": [f"people praise its bass {word}", "you like Halden"]}
                    ],
                }
            ]
        },
    }


def _circle(key: str, caption: str, label: str) -> dict[str, object]:
    looks = {"colour": "#3B6FB6", "size": 1.0, "properties": {}}
    return {"id": key, "label": label, "caption": caption, **looks}


def _clicks(auc: float) -> dict[str, object]:
    per_seed = [{"test": {"auc": auc + step}} for step in (-0.01, 0.01)]
    spread = {"mean": auc, "sd": 0.0141}
    return {"test": {"auc": spread, "accuracy": spread, "f1": spread}, "per_seed": per_seed}


def _figure(mean: float) -> dict[str, float]:
    return {"mean": mean, "low": mean - 0.05, "high": mean + 0.05}
