"""Links two long lists in plaintext with Splink as its documents say: python -m bench.plaintext_scale FOLDER OUT.

Trained, predicted and clustered in one process, with blocking that is tight enough for millions. Prints the seconds of
its stages as JSON, and writes agency, client_id and person to OUT.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# No rule that a household shares: with independent weights, siblings at one address would be one person.
RULES = (
    block_on("ssn"),
    block_on("dob", "last_name"),
    block_on("dob", "first_name"),
    block_on("phone", "first_name"),
    block_on("first_name", "last_name", "zip"),
    block_on("first_name", "street_name", "street_number"),
)
CLUSTER_FROM = 0.95


def settings() -> SettingsCreator:
    """Comparisons as the library offers them for such columns."""
    return SettingsCreator(
        link_type="link_and_dedupe",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.JaroWinklerAtThresholds("first_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("last_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("dob", [1, 2]),
            cl.LevenshteinAtThresholds("ssn", [1, 2]),
            cl.JaroWinklerAtThresholds("street_name", [0.92, 0.8]),
            cl.ExactMatch("street_number"),
            cl.ExactMatch("zip"),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
        ],
        blocking_rules_to_generate_predictions=list(RULES),
    )


def main() -> None:
    """Link, write, tell the seconds."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    connection = duckdb.connect()
    database = DuckDBAPI(connection)
    lists = [
        database.register(_list(connection, folder / f"{agency}.csv"), dataset_display_name=agency) for agency in "ab"
    ]
    start = time.perf_counter()
    linker = Linker(lists, settings(), log_level=logging.ERROR)
    train = linker.training
    train.estimate_probability_two_random_records_match(
        [RULES[0], block_on("dob", "last_name", "first_name")], recall=0.7
    )
    train.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    train.estimate_parameters_using_expectation_maximisation(block_on("dob", "last_name"), max_pairs=2e6)
    train.estimate_parameters_using_expectation_maximisation(block_on("ssn"), max_pairs=2e6)
    trained = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    predicted = time.perf_counter()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, CLUSTER_FROM)
    done = time.perf_counter()
    people = clusters.as_duckdbpyrelation().select(
        "source_dataset AS agency, rec_id AS client_id, cluster_id AS person"
    )
    people.write_csv(str(out))
    print(json.dumps({"train": trained - start, "predict": predicted - trained, "cluster": done - predicted}))


def _list(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """A list in capitals, as text, without empty cells."""
    relation = connection.read_csv(str(path), all_varchar=True)
    cells = [f"nullif(upper(trim({name})), '') AS {name}" for name in relation.columns]
    return connection.from_arrow(relation.select(", ".join(cells)).to_arrow_table())


if __name__ == "__main__":
    main()
