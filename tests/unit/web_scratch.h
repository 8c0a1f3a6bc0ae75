/* A course in a scratch folder, for the tests of the server's parts. */
#ifndef TESTS_WEB_SCRATCH_H
#define TESTS_WEB_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "course.h"
#include "folder.h"

typedef struct Scratch {
    char dir[64];
    Course course;
    Db *db;
} Scratch;

static inline int scratch_make(void **state)
{
    Fault fault = {""};
    Scratch *scratch = x_calloc(1, sizeof *scratch);
    strcpy(scratch->dir, "/tmp/web-unit.XXXXXX");
    if (!mkdtemp(scratch->dir) || course_make(scratch->dir, &fault) ||
        course_open(&scratch->course, scratch->dir, &fault) ||
        !(scratch->db = course_db(&scratch->course, &fault))) {
        print_error("%s\n", fault.text);
        return -1;
    }
    *state = scratch;
    return 0;
}

static inline int scratch_drop(void **state)
{
    Scratch *scratch = *state;
    course_db_drop();
    course_release(&scratch->course);
    remove_folder(scratch->dir);
    free(scratch);
    return 0;
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_drop)

#endif
