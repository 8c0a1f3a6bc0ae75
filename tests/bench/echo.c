/*
 * The reference of exercise 3 against the servers in servers/: the same
 * clients, the server alone on its core, turn by turn. CPU is that of the
 * server, asked from outside.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"
#include "echo_clients.h"
#include "echo_server.h"

enum { REFERENCE, SERVERS = 5, IDLE_CONNECTIONS = 10000, IDLE_MS = 1000, SPARE_DESCRIPTORS = 64 };

static const char *const names[SERVERS] = {"reference", "raw_epoll", "libuv", "libev", "libevent"};
static EchoServer servers[SERVERS];

typedef struct Setting {
    const char *what;
    int connections;
    size_t message;
    long messages;
} Setting;

static const Setting settings[] = {
    {"1 connection, 64 B", 1, 64, 1000},
    {"100 connections, 64 B", 100, 64, 20000},
    {"1,000 connections, 64 B", 1000, 64, 20000},
    {"1 connection, 64 KiB", 1, 64 * 1024, 500},
};

static EchoServer start(const char *name)
{
    char command[PATH + 32];
    snprintf(command, sizeof command, "%s/bench/%s", build, name);
    return echo_server_start(command);
}

/* Microseconds a message, of the server. */
static double cost_of(const EchoServer *server, const Setting *setting)
{
    EchoClients *clients =
        echo_clients_connect(server->port, setting->connections, setting->message);
    double before = echo_server_cpu(server);
    echo_clients_talk(clients, setting->messages);
    double cost = (echo_server_cpu(server) - before) * 1e6 / (double)setting->messages;
    echo_clients_close(clients);
    return cost;
}

/* The other server whose median is the least. */
static int best_of(double costs[SERVERS][TURNS])
{
    double least = 0, sorted[TURNS];
    int best = REFERENCE + 1;
    for (int s = REFERENCE + 1; s < SERVERS; s++) {
        memcpy(sorted, costs[s], sizeof sorted);
        double middle = median(sorted, turns);
        if (s == REFERENCE + 1 || middle < least) {
            least = middle;
            best = s;
        }
    }
    return best;
}

/* Who begins goes round, so that no server has the better place always. */
static void compare(const Setting *setting)
{
    double costs[SERVERS][TURNS], ratio[TURNS];
    char line[80];
    for (int turn = 0; turn < turns; turn++)
        for (int k = 0; k < SERVERS; k++) {
            int s = (turn + k) % SERVERS;
            costs[s][turn] = cost_of(&servers[s], setting);
        }
    int best = best_of(costs);
    for (int turn = 0; turn < turns; turn++)
        ratio[turn] = costs[REFERENCE][turn] / costs[best][turn];
    snprintf(line, sizeof line, "%s: reference / %s", setting->what, names[best]);
    show(line, ratio, turns, "x", "target <= 1.10");
    for (int s = 0; s < SERVERS; s++) {
        snprintf(line, sizeof line, "  %s, CPU a message", names[s]);
        show(line, costs[s], turns, "us", "");
    }
}

/* --- idle --- */

static int connections_at_most(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    rlim_t room = limit.rlim_cur - SPARE_DESCRIPTORS;
    return room < IDLE_CONNECTIONS ? (int)room : IDLE_CONNECTIONS;
}

static void idle(const char *name, int connections)
{
    EchoServer server = start(name);
    /* One client first: the code that serves it is in memory then. */
    echo_clients_close(echo_clients_connect(server.port, 1, 64));
    long before = echo_server_resident(&server);
    EchoClients *clients = echo_clients_connect(server.port, connections, 64);
    long grown = echo_server_resident(&server) - before;
    long switches = echo_server_switches(&server);
    nanosleep(&(struct timespec){IDLE_MS / 1000, IDLE_MS % 1000 * 1000000L}, NULL);
    printf("  %-30s %4ld wake-ups/s %8.1f B a connection above start%s\n", name,
           (echo_server_switches(&server) - switches) * 1000 / IDLE_MS, (double)grown / connections,
           strcmp(name, names[REFERENCE]) == 0 ? "  target 0, <= 128" : "");
    fflush(stdout);
    echo_clients_close(clients);
    echo_server_stop(&server);
}

void bench_echo(void)
{
    int connections = connections_at_most();
    pin_to_core(true);
    printf("echo: CPU of the server a message\n");
    fflush(stdout);
    for (int s = 0; s < SERVERS; s++)
        servers[s] = start(names[s]);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        compare(&settings[i]);
    for (int s = 0; s < SERVERS; s++)
        echo_server_stop(&servers[s]);
    printf("echo: %d idle connections\n", connections);
    for (int s = 0; s < SERVERS; s++)
        idle(names[s], connections);
}
