/* The table of subcommands and their help: the text a user reads first. */
#include "commands/commands.h"

#include <string.h>

static const char run_help[] =
    "usage: grader run [OPTIONS] [DIR]\n"
    "\n"
    "Grades the submission in DIR (default: assignments), a folder with one folder\n"
    "for each exercise.\n"
    "\n"
    "  -e, --exercise ID    only this exercise: its folder's name or its number;\n"
    "                       may be repeated\n"
    "  -f, --format FMT     text (default), json, github, gradescope, junit or tap\n"
    "  -o, --output FILE    where the report goes (default: stdout); a further -f after\n"
    "                       it begins one more report of the same run\n"
    "      --own            no sandbox: your own code on your own machine. The same\n"
    "                       checks, marked as practice, never stored\n"
    "      --course FILE    the course's rules: weights that override the tables'\n"
    "      --db FILE        also store the result in this SQLite database\n"
    "      --student NAME   whose submission it is (default: the name of DIR)\n"
    "      --trace-dir DIR  keep each scenario's system-call trace there\n"
    "  -j, --jobs N         scenarios at once (default: chosen for the machine)\n"
    "      --live           a line on stdout as each exercise ends, for a program that reads\n"
    "\n"
    "Exit status: 0 every check passed; 1 graded, and something fell short; 2 wrong\n"
    "usage; 3 the grader could not do its work (see: grader doctor).\n"
    "\n"
    "GRADER_SLOW=3 multiplies every time limit by three on a slow machine.\n"
    "\n"
    "examples:\n"
    "  grader run                          all exercises in assignments/\n"
    "  grader run -e 1                     exercise 1 alone\n"
    "  grader run -f json -o report.json ~/alice\n"
    "  grader run -f json -o result.json -f github    in a workflow: annotations too\n"
    "  grader run -f gradescope -o /autograder/results/results.json submission\n"
    "  grader run --db class.db --student alice ~/alice && grader scores --db class.db\n";

static const char trace_help[] =
    "usage: grader trace [-e EXERCISE] [--ascii] [--own] [-o FILE] [DIR]\n"
    "\n"
    "Draws your own run in the lesson's notation. Without -e: a program that spins, your\n"
    "exercise 1 and your exercise 2 over the same wait, one under the other, with what\n"
    "each costs, and the references beside them.\n"
    "\n"
    "  -e, --exercise ID   this exercise (4: the lanes of kernel, reactor and executor)\n"
    "      --ascii         plain characters only\n"
    "      --own           no sandbox: your own code on your own machine\n"
    "  -o, --output FILE   where the picture goes (default: stdout)\n";

static const char watch_help[] =
    "usage: grader watch [-e EXERCISE] [--own] [DIR]\n"
    "\n"
    "Grades DIR (default: assignments), then grades an exercise again whenever one of\n"
    "its files is saved, and says which checks changed. Ctrl-C ends it.\n"
    "\n"
    "example: grader watch -e 1\n";

static const char list_help[] =
    "usage: grader list [--format text|json|scripts]\n"
    "\n"
    "The exercises, their checks and points. The ids are stable.\n"
    "\n"
    "  -f, --format FMT   text (default), json; scripts: what the clients of each scenario\n"
    "                     do, as JSON (`grader peer --show` shows one)\n";

static const char peer_help[] =
    "usage: grader peer FILE PORT\n"
    "       grader peer --show FILE\n"
    "\n"
    "Plays one scenario alone against a program that you started yourself, and says\n"
    "what each step did. FILE is a .peer script, or the name of one of the course's\n"
    "own, such as ex1_nonblocking/data-later. --show prints it, line by line: a report's\n"
    "\"data-later.peer:7\" is the seventh.\n"
    "\n"
    "example, in two terminals:\n"
    "  ./nonblocking 9107\n"
    "  grader peer ex1_nonblocking/data-later 9107\n"
    "  grader peer --show ex1_nonblocking/data-later\n"
    "\n"
    "Exit status: 0 all went as the script wants; 1 a step did not; 2 wrong usage; 3\n"
    "nobody listens there, or the machine could not do it.\n";

static const char scores_help[] =
    "usage: grader scores --db FILE [--format FMT] [--until WHEN] [--course FILE] [-o FILE]\n"
    "\n"
    "The class: each student's best score for each exercise, from the database that\n"
    "`grader run --db FILE` fills.\n"
    "\n"
    "  -f, --format FMT   text (default), csv, json; canvas, moodle: for the grade\n"
    "                     import of these, where the student's name is the login\n"
    "      --until WHEN   as it stood then: 2026-12-01 (that whole day), '2026-12-01 23:59'\n"
    "                     (that whole minute), local time; with a Z behind it UTC. What was\n"
    "                     handed in by then counts, however late it was graded\n"
    "      --course FILE  the course's rules: weights that override the tables'\n"
    "  -o, --output FILE  where it goes (default: stdout)\n"
    "\n"
    "example: grader scores --db class.db -f canvas -o grades.csv\n"
    "         grader scores --db class.db --until '2026-12-01 23:59'\n";

static const char upload_help[] =
    "usage: grader upload --server URL [--pushed TIME] [--check] FILE\n"
    "\n"
    "In a job of GitHub Actions that may have an identity token (id-token: write): sends\n"
    "FILE, a report of `grader run -f json`, to the course's server, with that token as the\n"
    "proof of who sends it. What is no such report goes nowhere. No secret is needed.\n"
    "\n"
    "      --server URL   the course's server: what `courseweb github` says\n"
    "      --pushed TIME  when the push came to GitHub, in seconds: its event says so\n"
    "                     (github.event.repository.pushed_at); deadlines go by it\n"
    "      --check        only look whether FILE is a report\n"
    "\n"
    "Exit status: 0 delivered; 1 no report, or the server refuses it; 2 wrong usage; 3 it\n"
    "could not be delivered, after several tries.\n"
    "\n"
    "example: grader upload --server https://course.example result.json\n";

static const char doctor_help[] =
    "usage: grader doctor [DIR]\n"
    "\n"
    "What this machine can and can't do for grading, each with its cure; DIR (default:\n"
    "assignments, where there is one): where the submission lies. Exit status\n"
    "0: it can grade; 3: something that is needed is missing.\n";

static const char explain_help[] =
    "usage: grader explain CHECK\n"
    "\n"
    "What a check looks for, why it matters, and how to see it yourself. CHECK is an\n"
    "id such as retry-interval, or 2/asleep for that of one exercise.\n";

const Command commands[] = {
    {"run", "[OPTIONS] [DIR]", "grade a submission", command_run, run_help},
    {"trace", "[-e ID] [DIR]", "the lesson's picture, from your own run", command_trace,
     trace_help},
    {"watch", "[-e ID] [DIR]", "grade again on every save, say what changed", command_watch,
     watch_help},
    {"list", "", "the exercises, their checks and points", command_list, list_help},
    {"explain", "CHECK", "what a check looks for and why", command_explain, explain_help},
    {"peer", "FILE PORT", "play one scenario against a program you started", command_peer,
     peer_help},
    {"scores", "--db FILE", "the class's scores from a database", command_scores, scores_help},
    {"upload", "FILE", "send a report from GitHub Actions to the course", command_upload,
     upload_help},
    {"doctor", "[DIR]", "what this machine can and can't do, and the cure", command_doctor,
     doctor_help},
};
const int commands_len = sizeof commands / sizeof *commands;

const Command *command_find(const char *name)
{
    for (int i = 0; i < commands_len; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}
