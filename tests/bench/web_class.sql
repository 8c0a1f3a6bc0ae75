-- A class that is the same in every run: 1,000 students of ten sections, 200 submissions of
-- each, four exercises, jobs, bests, and what the class is stuck on. A student passes a check
-- from an attempt on that follows from both their numbers; some never do. The last five
-- submissions of each have their checks whole, older ones the points alone.
--
-- Asks for: web_setting "exercises" (the grader's list), :commit of the last push, :now.

BEGIN;
CREATE TEMP TABLE number (n INTEGER PRIMARY KEY);
WITH RECURSIVE up(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM up WHERE n < 999)
INSERT INTO number SELECT n FROM up;

CREATE TEMP TABLE rubric AS
 SELECT row_number() OVER () AS c, e.value ->> 'id' AS exercise, k.value ->> 'id' AS id,
  k.value ->> 'title' AS title, CAST(2 * (k.value ->> 'max_score') AS INTEGER) AS halves
 FROM web_setting s, json_each(s.value, '$.exercises') e, json_each(e.value, '$.checks') k
 WHERE s.key = 'exercises';

-- The attempt from which student `n` passes check `c`: of 200, or of 60 more and so never.
CREATE TEMP TABLE passes AS
 SELECT n, c, exercise, id, title, halves, (n * 7919 + c * 104729) % 260 AS since
 FROM number, rubric;

-- What an exercise of a student looks like; they move every ten attempts.
CREATE TEMP TABLE level (step, n, exercise, halves, max_halves, points, checks, PRIMARY KEY (step, n, exercise))
 WITHOUT ROWID;
INSERT INTO level
 SELECT a.n, p.n, p.exercise, sum(iif(a.n * 10 >= p.since, p.halves, 0)), sum(p.halves),
  json_group_object(p.id, json_array(iif(a.n * 10 >= p.since, p.halves, 0), p.halves)),
  iif(a.n < 19, '[]', json_group_array(json_object('id', p.id, 'title', p.title, 'status',
    iif(a.n * 10 >= p.since, 'pass', 'fail'), 'score', iif(a.n * 10 >= p.since, p.halves, 0) / 2,
    'max_score', p.halves / 2,
    'message', 'saw what a program of this kind does, as the tracer wrote it down; expected the other thing',
    'evidence', json_array(json_object('file', 'nonblocking.c', 'line', 40 + p.c, 'text',
      'read(4, 0x7ffd6c0, 1024) = -1 EAGAIN (Resource temporarily unavailable)')))))
 FROM number a, passes p WHERE a.n < 20 GROUP BY a.n, p.n, p.exercise;

INSERT INTO web_person (id, name, role, shown, section, created_s)
 SELECT n + 1, printf('s%04d', n), 'student', printf('Student Number %d', n),
  printf('Section %02d', n % 10), :now - 40 * 86400 FROM number;

-- Submission a * 1000 + n + 1 is attempt `a` of student `n`, half an hour after the one before.
INSERT INTO submission (id, student, folder, tree_hash, version, started_s, wall_us, halves, max_halves,
  observable_max_halves)
 SELECT a.n * 1000 + s.n + 1, printf('s%04d', s.n), 'made', printf('%064x', a.n * 1000 + s.n), '0', :now
  - (200 - a.n) * 1800 - s.n, 2000000, 0, 200, 200
 FROM number a, number s WHERE a.n < 200;

INSERT INTO exercise (submission, exercise, status, halves, max_halves, observable_max_halves, points, checks,
  compiler, error, build_us, run_us, wall_us)
 SELECT a.n * 1000 + l.n + 1, l.exercise, 'graded', l.halves, l.max_halves, l.max_halves, l.points,
  iif(a.n < 195, '[]', l.checks), '', '', 100000, 1000000, 1100000
 FROM number a JOIN level l ON l.step = a.n / 10 WHERE a.n < 200;

UPDATE submission SET halves = (SELECT sum(halves) FROM exercise WHERE submission = submission.id);

INSERT INTO best (student, exercise, submission, halves, max_halves, best_s, latest_halves, latest_max_halves,
  latest_s, attempts)
 SELECT s.student, e.exercise, s.id, e.halves, e.max_halves, s.started_s, max(0, e.halves - iif(s.id % 8, 0, 2)),
  e.max_halves, s.started_s, 200
 FROM submission s JOIN exercise e ON e.submission = s.id WHERE s.id > 199000;

INSERT INTO web_job (id, person, hash, message, state, place, attempt, pushed_ms, started_ms, ended_ms, submission)
 SELECT id, (id - 1) % 1000 + 1, iif(id > 199000, :commit, printf('%040x', id)), 'One more step', 'done', id, 1,
  started_s * 1000, started_s * 1000, started_s * 1000 + 2000, id
 FROM submission;

INSERT INTO web_check (student, exercise, id, title, failing, since_s, message)
 SELECT printf('s%04d', n), exercise, id, title, since > 190, :now - (200 - min(since, 199)) * 1800,
  iif(since > 190, 'saw what a program of this kind does; expected the other thing', '')
 FROM passes;
INSERT INTO web_attempts (student, exercise, attempts, full_at)
 SELECT printf('s%04d', n), exercise, 200, iif(max(since) <= 190, max(since) + 1, 0) FROM passes GROUP BY n, exercise;
INSERT INTO web_setting (key, value) VALUES ('digest', 200000);
COMMIT;
