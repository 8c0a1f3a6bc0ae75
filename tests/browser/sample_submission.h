/* A submission with every state of a check, a source, timelines and a chain. */
#ifndef TESTS_BROWSER_SAMPLE_SUBMISSION_H
#define TESTS_BROWSER_SAMPLE_SUBMISSION_H

#include "../unit/sample_result.h"
#include "result_next.h"
#include "sample_pages.h"

static inline void sample_retry_lane(Lane *lane)
{
    for (int64_t at = 0; at < 500000; at += 100000) {
        sample_span(lane, SPAN_WOULD, at, at, NULL);
        sample_span(lane, SPAN_ASLEEP, at + 50, at + 100000, NULL);
    }
    sample_span(lane, SPAN_DATA, 559000, 559000, NULL);
}

static inline void sample_lanes(Timeline *timeline)
{
    timeline->length_us = 560000;
    timeline->data_us = 500000;
    Lane *lane = sample_lane(timeline, "spinning", 998500, 0, 21);
    lane->of = LANE_SPINNER;
    for (int64_t at = 0; at < 500000; at += 2000)
        sample_span(lane, SPAN_WOULD, at, at, NULL);
    sample_span(lane, SPAN_DATA, 500020, 500020, NULL);
    lane = sample_lane(timeline, "your exercise 1", 41000, 98.4, 61000);
    for (int64_t at = 0; at < 500000; at += 10000)
        sample_span(lane, SPAN_WOULD, at, at, NULL);
    for (int64_t at = 0; at < 500000; at += 10000)
        sample_span(lane, SPAN_ASLEEP, at + 500, at + 10000, NULL);
    sample_span(lane, SPAN_BLOCK, 505000, 530000, NULL);
    sample_span(lane, SPAN_DATA, 530000, 530000, NULL);
    lane = sample_lane(timeline, "reference, ex. 1", 210, 10, 61000);
    lane->of = LANE_REFERENCE;
    sample_retry_lane(lane);
}

static inline void sample_part(Timeline *timeline, const char *whose, int64_t shift)
{
    static const struct {
        int column;
        SpanKind kind;
        int64_t start, end;
        const char *label;
    } steps[] = {
        {2, SPAN_MARK, 100, 100, "poll 1"},        {2, SPAN_WOULD, 140, 140, "read 1"},
        {1, SPAN_MARK, 180, 180, "register 1"},    {2, SPAN_MARK, 220, 220, "pending 1"},
        {1, SPAN_ASLEEP, 300, 200300, "wait"},     {0, SPAN_DATA, 200310, 200310, "readable 1"},
        {1, SPAN_MARK, 200350, 200350, "wake 1"},  {2, SPAN_MARK, 200400, 200400, "poll 1"},
        {2, SPAN_DATA, 200440, 200440, "read 1"},  {1, SPAN_MARK, 200480, 200480, "forget 1"},
        {2, SPAN_MARK, 200500, 200500, "ready 1"}, {2, SPAN_MARK, 200540, 200540, "close 1"}};
    static const char *const names[] = {"kernel", "reactor", "executor"};
    int first = timeline->n_lanes;
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", names[i], whose);
        sample_lane(timeline, name, -1, -1, -1)->of = *whose ? LANE_REFERENCE : LANE_OWN;
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        sample_span(&timeline->lanes[first + steps[i].column], steps[i].kind,
                    steps[i].start + shift, steps[i].end + shift, steps[i].label);
}

static const char sample_source[] =
    "/*\n * Exercise 1: a raw non-blocking socket.\n */\n"
    "#include <errno.h>\n#include <fcntl.h>\n#include <stdio.h>\n#include <unistd.h>\n\n"
    "#include \"cpu.h\"\n\nstatic void later(void)\n{\n"
    "    struct timespec ten = {0, 10 * 1000000}; /* ten? */\n"
    "    nanosleep(&ten, NULL);\n}\n\n"
    "static const char *hostile = \"</pre><script>alert('source')</script>\";\n\n"
    "static int helper_one(int a)\n{\n    return a + 1;\n}\n\n"
    "static int helper_two(int a)\n{\n    return a + 2;\n}\n\n"
    "static int helper_three(int a)\n{\n    return a + 3;\n}\n\n"
    "int main(int argc, char **argv)\n{\n    char data[1024];\n    int fd = serve(argc, argv);\n"
    "    for (;;) {\n        ssize_t n = read(fd, data, sizeof data);\n"
    "        if (n > 0)\n            return done(data, n);\n"
    "        if (n < 0 && errno != EAGAIN)\n            return 1;\n"
    "        printf(\"WouldBlock\\n\");\n        later();\n    }\n}\n";

static inline void sample_graded(Result *result)
{
    static const ExerciseName *names = sample_exercises;
    result_init(result);
    result->version = x_strdup("0.1.0");
    result->exercises = x_calloc(4, sizeof *result->exercises);
    result->n_exercises = 4;
    for (int i = 0; i < 4; i++)
        sample_exercise(&result->exercises[i], names[i].id, names[i].title);
}

static inline void sample_first(ExerciseResult *one)
{
    CheckResult *check = sample_check(one, "retry-interval");
    sample_fail(check, 1, "49 retries, 10.1 ms apart (median)", "100 ms, 90 at least");
    check->failed_runs = 3;
    check->runs = 3;
    sample_cite(check, "nonblocking.c", 14, "clock_nanosleep(..., {0, 10000000}) = 0",
                "    nanosleep(&ten, NULL);");
    sample_cite(check, SAMPLE_EVIL, 3, SAMPLE_EVIL, SAMPLE_EVIL);
    check = sample_check(one, "peer-gone");
    sample_fail(check, 0, "it ended with status 0 when the peer had reset", "a failure status");
    sample_cite(check, "nonblocking.c", 40, "read(4, ...) = -1 ECONNRESET", NULL);
    sample_wait(sample_check(one, "data-whole"), "peer-gone");
    sample_unseen(sample_check(one, "nonblocking"));
    one->cpu = (CpuFigures){true, 41000, 210, 98.4, 61000};
    sample_lanes(&one->timeline);
    sample_set(&one->compiler, "nonblocking.c:17:20: warning: unused variable 'hostile'\n"
                               "   17 | static const char *hostile = \"</pre><script>\";\n");
}

static inline SubmissionPage sample_submission(Result *result)
{
    static const int cited[] = {14, 40};
    static SourceFile sources[3];
    static const TraceFile traces[] = {{"ex1_nonblocking", "data-later", 20480},
                                       {"ex1_nonblocking", "peer-resets", 8191}};
    sources[0] = (SourceFile){.exercise = "ex1_nonblocking",
                              .name = "nonblocking.c",
                              .text = sample_source,
                              .len = sizeof sample_source - 1,
                              .cited = cited,
                              .n_cited = 2};
    sources[1] = (SourceFile){.exercise = "ex1_nonblocking",
                              .name = SAMPLE_EVIL,
                              .text = "int x;\n",
                              .len = 7,
                              .cut = true};
    sources[2] = (SourceFile){.exercise = "ex4_reactor",
                              .name = "reactor.c",
                              .text = sample_source,
                              .len = sizeof sample_source - 1};
    sample_graded(result);
    ExerciseResult *exercises = result->exercises;
    sample_first(&exercises[0]);
    exercises[1].status = EX_ERROR;
    sample_set(&exercises[1].error, "no tracer: strace ended <b>early</b>");
    for (int i = 0; i < exercises[1].n_checks; i++)
        exercises[1].checks[i].status = CHECK_ERROR;
    exercises[2].status = EX_BUILD_FAILED;
    sample_fail(&exercises[2].checks[0], 0, "echo_server.c:3: expected ';'", "it compiles");
    for (int i = 1; i < exercises[2].n_checks; i++)
        sample_wait(&exercises[2].checks[i], "build");
    sample_set(&exercises[2].compiler, "echo_server.c:3:9: error: expected ';' before '}'\n");
    exercises[3].timeline.chain = true;
    exercises[3].timeline.length_us = 201000;
    exercises[3].timeline.data_us = 200000;
    sample_part(&exercises[3].timeline, "", 0);
    sample_part(&exercises[3].timeline, ", reference", 40);
    result_total(result);
    static Begin begin[SAMPLE_EXERCISES];
    static const int64_t due_s[SAMPLE_EXERCISES] = {SAMPLE_NOW - 8000, SAMPLE_NOW - 300};
    static const char *const gained[] = {"ex2_event_loop/asleep", "ex3_echo_server/<i>"};
    static const char *const lost[] = {"ex1_nonblocking/pauses-between"};
    for (int i = 0; i < result->n_exercises && i < SAMPLE_EXERCISES; i++) {
        int key = result_key_check(&exercises[i]);
        begin[i] =
            (Begin){result_is_stub(&exercises[i]), key < 0 ? NULL : &exercises[i].checks[key]};
    }
    return (SubmissionPage){.id = 42,
                            .at_s = SAMPLE_NOW - 400,
                            .student = "ada",
                            .shown = "Ada Okafor",
                            .commit = SAMPLE_COMMIT,
                            .message = "sleep less, read more " SAMPLE_EVIL,
                            .repository = "org/lesson8-ada",
                            .run_url =
                                "https://github.com/org/lesson8-ada/actions/runs/5001?" SAMPLE_EVIL,
                            .weaker = true,
                            .grader = "0.1.0",
                            .wall_us = 1240000,
                            .halves = result->halves,
                            .max_halves = result->max_halves,
                            .observable_max_halves = result->observable_max_halves,
                            .exercises = result->exercises,
                            .n_exercises = result->n_exercises,
                            .begin = begin,
                            .due_s = due_s,
                            .sources = sources,
                            .n_sources = 3,
                            .traces = traces,
                            .n_traces = 2,
                            .previous = 41,
                            .next = 43,
                            .latest = 44,
                            .changes = {gained, 2, lost, 1}};
}

#endif
