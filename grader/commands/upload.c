#include "commands/commands.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "result_read.h"
#include "upload.h"

typedef struct UploadOptions {
    const char *server, *file;
    int64_t pushed_s;
    bool check;
} UploadOptions;

static const struct option long_options[] = {{"server", required_argument, NULL, 's'},
                                             {"pushed", required_argument, NULL, 'p'},
                                             {"check", no_argument, NULL, 'c'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

/* 0, -1 for help, or an exit status. */
static int parse_options(UploadOptions *options, int argc, char **argv)
{
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (letter == 's')
            options->server = optarg;
        else if (letter == 'p')
            options->pushed_s = text_number(optarg); /* what is none is not known */
        else if (letter == 'c')
            options->check = true;
        else if (letter == 'h')
            return -1;
        else
            return STATUS_USAGE;
    }
    if (argc - optind != 1)
        return usage_error("upload", "give one file: a report of `grader run -f json`");
    options->file = argv[optind];
    if (!options->check && !options->server)
        return usage_error("upload", "to whom? Give --server https://...");
    return 0;
}

static int read_report(const char *path, Buf *text)
{
    char piece[16384];
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (!file)
        return our_error("cannot read %.200s: %s", path, strerror(errno));
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buf_add(text, piece, n);
    int status = ferror(file) ? our_error("cannot read %.200s", path) : 0;
    if (file != stdin)
        fclose(file);
    return status;
}

static void say_again(void *context, const char *why, int wait_s)
{
    (void)context;
    printf("grader: %s; trying again in %d s\n", why, wait_s);
    fflush(stdout);
}

static int send_report(const UploadOptions *options, const Buf *report)
{
    Fault fault = {""};
    Buf said;
    size_t len = strlen(options->server);
    char *server = x_strndup(options->server, len - (len && options->server[len - 1] == '/'));
    Upload upload = {.server = server,
                     .pushed_s = options->pushed_s,
                     .token_url = getenv("ACTIONS_ID_TOKEN_REQUEST_URL"),
                     .token_password = getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
                     .again = say_again};
    int status = 0;
    buf_init(&said, 4096);
    if (upload_address(server, &fault)) {
        status = usage_error("upload", "--server: %s", fault.text);
    } else if (!upload.token_url || !upload.token_password) {
        status = our_error("no identity token can be had here: this is no job of GitHub Actions "
                           "with `permissions: id-token: write`");
    } else {
        UploadFate fate = upload_report(&upload, report, &said, &fault);
        if (fate == UPLOAD_FAILED) {
            status = our_error("the report was not delivered: %s", fault.text);
        } else if (fate == UPLOAD_REFUSED) {
            our_error("the course server refuses the report: %s", said.data);
            status = 1;
        } else {
            printf("grader: the report is delivered: %s\n", said.data);
        }
    }
    buf_release(&said);
    free(server);
    return status;
}

int command_upload(int argc, char **argv)
{
    UploadOptions options = {0};
    int status = parse_options(&options, argc, argv);
    if (status == -1) {
        fputs(command_find("upload")->help, stdout);
        return 0;
    }
    if (status != 0)
        return status;
    Fault fault = {""};
    Buf report;
    Result result;
    buf_init(&report, RESULT_READ_BYTES + 1);
    result_init(&result);
    status = read_report(options.file, &report);
    if (status == 0 && result_read(&result, report.data, report.len, &fault)) {
        our_error("%.100s: %s", options.file, fault.text);
        status = 1;
    }
    result_release(&result);
    if (status == 0 && !options.check)
        status = send_report(&options, &report);
    buf_release(&report);
    return status;
}
