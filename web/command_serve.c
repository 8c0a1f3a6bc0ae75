#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "server.h"

static const struct option long_options[] = {
    {"listen", required_argument, NULL, 'l'},       {"url", required_argument, NULL, 'u'},
    {"workers", required_argument, NULL, 'w'},      {"grader", required_argument, NULL, 'g'},
    {"tls-cert", required_argument, NULL, 'c'},     {"tls-key", required_argument, NULL, 'k'},
    {"sso-header", required_argument, NULL, 'i'},   {"sso-from", required_argument, NULL, 'f'},
    {"mail-command", required_argument, NULL, 'm'}, {"secure", no_argument, NULL, 's'},
    {"trust-proxy", no_argument, NULL, 't'},        {NULL, 0, NULL, 0}};

/* In the build folder it lies at ../grader/grader; installed, beside us. */
char *find_grader(void)
{
    static const char *const places[] = {"grader", "../grader/grader"};
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;
    if (n > 0 && (self[n] = '\0', slash = strrchr(self, '/')) != NULL) {
        *slash = '\0';
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            char *path = x_printf("%s/%s", self, places[i]);
            char *real = realpath(path, NULL);
            free(path);
            if (real && access(real, X_OK) == 0)
                return real;
            free(real);
        }
    }
    return x_strdup("grader");
}

static int one_option(ServeOptions *options, int letter)
{
    switch (letter) {
    case 'l':
        options->listen = optarg;
        return 0;
    case 'u':
        options->base_url = x_strndup(optarg, strlen(optarg) - (optarg[strlen(optarg) - 1] == '/'));
        return url_valid(options->base_url)
                   ? 0
                   : usage_error("serve", "--url takes an address as https://lesson8.example.org, "
                                          "without a path");
    case 'w':
        options->workers = atoi(optarg);
        return options->workers >= 1 && options->workers <= WORKERS_MOST
                   ? 0
                   : usage_error("serve", "--workers takes 1 to %d", WORKERS_MOST);
    case 'g':
        options->grader = optarg;
        return 0;
    case 'c':
        options->tls_cert = optarg;
        options->secure = true;
        return 0;
    case 'k':
        options->tls_key = optarg;
        return 0;
    case 'i':
        options->sso_header = optarg;
        return 0;
    case 'f':
        options->sso_from = optarg;
        return 0;
    case 'm':
        options->mail_command = optarg;
        return 0;
    case 's':
        options->secure = true;
        return 0;
    case 't':
        options->trust_proxy = true;
        return 0;
    default:
        return usage_error("serve", "wrong options");
    }
}

int command_serve(int argc, char **argv)
{
    ServeOptions options = {.listen = "127.0.0.1:8080", .workers = 1};
    Fault fault = {""};
    int letter, status;
    while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if ((status = one_option(&options, letter)) != 0)
            return status;
    if (argc - optind != 1)
        return usage_error("serve", "give the course's folder");
    if (!options.tls_cert != !options.tls_key)
        return usage_error("serve", "--tls-cert and --tls-key go together");
    char *grader = options.grader ? x_strdup(options.grader) : find_grader();
    options.grader = grader;
    status = serve(&options, argv[optind], &fault) ? failed(&fault) : 0;
    free(grader);
    return status;
}
