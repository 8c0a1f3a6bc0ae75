/*
 * A database as schema 1 left it, with one submission: what a newer grader migrates.
 */
#ifndef TESTS_UNIT_STORE_V1_H
#define TESTS_UNIT_STORE_V1_H

static const char store_v1[] =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE submission (id INTEGER PRIMARY KEY, student TEXT NOT NULL, folder TEXT NOT NULL,"
    "  tree_hash TEXT NOT NULL, version TEXT NOT NULL, started_s INTEGER NOT NULL,"
    "  wall_us INTEGER NOT NULL, halves INTEGER NOT NULL, max_halves INTEGER NOT NULL,"
    "  observable_max_halves INTEGER NOT NULL) STRICT;"
    "CREATE INDEX submission_student ON submission(student, id);"
    "CREATE TABLE exercise (submission INTEGER NOT NULL REFERENCES submission(id) ON DELETE "
    "CASCADE,"
    "  exercise TEXT NOT NULL, status TEXT NOT NULL"
    "  CHECK (status IN ('graded', 'missing', 'build_failed', 'error')),"
    "  halves INTEGER NOT NULL, max_halves INTEGER NOT NULL, observable_max_halves INTEGER NOT "
    "NULL,"
    "  points TEXT NOT NULL, checks TEXT NOT NULL, cpu TEXT, compiler TEXT NOT NULL,"
    "  error TEXT NOT NULL, build_us INTEGER NOT NULL, run_us INTEGER NOT NULL,"
    "  wall_us INTEGER NOT NULL, PRIMARY KEY (submission, exercise)) STRICT;"
    "CREATE TABLE trace (submission INTEGER NOT NULL REFERENCES submission(id) ON DELETE CASCADE,"
    "  exercise TEXT NOT NULL, scenario TEXT NOT NULL, bytes INTEGER NOT NULL, zstd BLOB NOT NULL,"
    "  PRIMARY KEY (submission, exercise, scenario)) STRICT;"
    "CREATE TABLE best (student TEXT NOT NULL, exercise TEXT NOT NULL,"
    "  submission INTEGER NOT NULL REFERENCES submission(id), halves INTEGER NOT NULL,"
    "  max_halves INTEGER NOT NULL, best_s INTEGER NOT NULL, latest_halves INTEGER NOT NULL,"
    "  latest_max_halves INTEGER NOT NULL, latest_s INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    "  PRIMARY KEY (student, exercise)) STRICT, WITHOUT ROWID;"
    "INSERT INTO submission VALUES (7,'old','hand-in','','0.0.9',100,5,30,32,32);"
    "INSERT INTO exercise VALUES (7,'ex1_nonblocking','graded',30,32,32,"
    "  '{\"build\":[2,2],\"retry-interval\":[4,6]}','[]',NULL,'','',1,2,3);"
    "INSERT INTO best VALUES ('old','ex1_nonblocking',7,30,32,100,30,32,100,1);"
    "PRAGMA user_version=1;"
    "PRAGMA application_id=0x4c386772;";

#endif
