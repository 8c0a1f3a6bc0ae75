/*
 * Which grader this is: "0.1.0-5f2c9a1b3d4e". The second part stands for its sources (all of
 * grader/ but its set-up), so that two builds of the same sources say the same, wherever they were
 * made; a "+" behind it says that they were changed since. Only "0.1.0" where git is not there to
 * ask. Written by grader/setup/version.sh.
 */
#ifndef GRADER_BASE_VERSION_H
#define GRADER_BASE_VERSION_H

extern const char grader_version[];

#endif
