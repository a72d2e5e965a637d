"""The rule in DuckDB, for all checks at once. Called by the harness; prints one line of JSON.

Usage: duckdb_checks.py FOLDER TODAY, where TODAY is days since 1970-01-01 and FOLDER holds the
tables that the harness wrote as CSV. Writes counts.csv there: check, duplicates, contraindications.
"""

import json
import sys
import time

import duckdb

ROUNDS = 3

TABLES = {
    "record": "patient BIGINT, seq INTEGER, live BOOLEAN, refill BOOLEAN, day INTEGER, last INTEGER,"
    " code INTEGER, always_covered BOOLEAN, document VARCHAR, rp INTEGER, quantity INTEGER,"
    " usage INTEGER, institution INTEGER, pharmacy INTEGER",
    "code": "id INTEGER, system VARCHAR, text VARCHAR, name VARCHAR",
    "written": "id INTEGER, text VARCHAR",
    "cover": "code INTEGER, first INTEGER, last INTEGER",
    "shares": "line INTEGER, record INTEGER",
    "meets": "line INTEGER, record INTEGER, mine VARCHAR, theirs VARCHAR, first INTEGER, last INTEGER",
    "asked": "chk INTEGER, patient BIGINT",
    "line": "chk INTEGER, n INTEGER, system VARCHAR, code VARCHAR",
}

# Every pair of a new line and an active record that collide, with what an answer tells of it.
PAIRS = """
CREATE OR REPLACE TEMP TABLE pairs AS
WITH active AS MATERIALIZED (
    SELECT a.chk, r.* FROM asked a JOIN record r ON r.patient = a.patient
    WHERE r.live AND r.day <= $today AND (r.refill OR r.day >= $today - 100) AND r.last >= $today
      AND (r.always_covered OR EXISTS (SELECT 1 FROM cover c
           WHERE c.code = r.code AND r.day BETWEEN c.first AND c.last))),
lines AS MATERIALIZED (
    SELECT l.chk, l.n, k.id AS code FROM line l JOIN known k ON k.system = l.system AND k.text = l.code
    WHERE EXISTS (SELECT 1 FROM cover c WHERE c.code = k.id AND $today BETWEEN c.first AND c.last)),
found AS (
    SELECT a.chk, l.n, NULL AS mine, NULL AS theirs, a.seq FROM active a
    JOIN lines l ON l.chk = a.chk
    JOIN shares s ON s.line = l.code AND s.record = a.code
    UNION ALL
    SELECT DISTINCT a.chk, l.n, m.mine, m.theirs, a.seq FROM active a
    JOIN lines l ON l.chk = a.chk
    JOIN meets m ON m.line = l.code AND m.record = a.code AND $today BETWEEN m.first AND m.last)
SELECT f.chk, f.n, f.mine, f.theirs, a.document, a.rp, a.day, a.last, k.name,
    q.text AS quantity, u.text AS usage, i.text AS institution, p.text AS pharmacy
FROM found f JOIN active a ON a.chk = f.chk AND a.seq = f.seq
JOIN code k ON k.id = a.code JOIN written q ON q.id = a.quantity JOIN written u ON u.id = a.usage
JOIN written i ON i.id = a.institution JOIN written p ON p.id = a.pharmacy
"""


def main():
    folder, today = sys.argv[1], int(sys.argv[2])
    database = duckdb.connect()
    database.execute("SET threads = 1")
    for name, columns in TABLES.items():
        database.execute(f"CREATE TABLE {name} ({columns})")
        database.execute(f"COPY {name} FROM '{folder}/{name}.csv' (HEADER false, DELIMITER ',', QUOTE '\"')")
    database.execute(
        "CREATE TABLE known AS SELECT system, text, min(id) AS id FROM code GROUP BY system, text"
    )
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        database.execute(PAIRS.replace("$today", str(today)))
        seconds.append(time.perf_counter() - start)
    counts = (
        "SELECT chk, count(*) FILTER (mine IS NULL), count(*) FILTER (mine IS NOT NULL)"
        " FROM pairs GROUP BY chk ORDER BY chk"
    )
    database.execute(f"COPY ({counts}) TO '{folder}/counts.csv' (HEADER false)")
    print(json.dumps({"version": duckdb.__version__, "seconds": sorted(seconds)[ROUNDS // 2]}))


if __name__ == "__main__":
    main()
