#include "trace/trace_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void trace_names_release(Trace *trace)
{
    for (int i = 0; i < trace->n_tables; i++)
        free(trace->tables[i].names);
    free(trace->tables);
    free(trace->objects);
    free(trace->watch_of);
    free(trace->connections);
}

/* --- objects --- */

static unsigned object_new(Trace *trace)
{
    if (trace->n_objects >= TRACE_OBJECTS)
        return 0;
    if (trace->n_objects + 1 >= trace->objects_cap) {
        unsigned cap = trace->objects_cap ? trace->objects_cap * 2 : 64;
        if (!trace_may_grow(trace, trace->objects_cap, cap,
                            sizeof *trace->objects + sizeof *trace->watch_of))
            return 0;
        trace->objects = x_realloc(trace->objects, cap * sizeof *trace->objects);
        trace->watch_of = x_realloc(trace->watch_of, cap * sizeof *trace->watch_of);
        trace->objects_cap = cap;
    }
    return ++trace->n_objects;
}

Object *trace_object_mutable(Trace *trace, unsigned object)
{
    return object && object <= trace->n_objects ? &trace->objects[object] : NULL;
}

const Object *trace_object(const Trace *trace, unsigned object)
{
    return object && object <= trace->n_objects ? &trace->objects[object] : NULL;
}

unsigned trace_objects(const Trace *trace)
{
    return trace->n_objects;
}

static void connection_new(Trace *trace, unsigned object)
{
    if (trace->n_connections == trace->connections_cap) {
        trace->connections_cap = trace->connections_cap ? trace->connections_cap * 2 : 16;
        trace->connections = x_realloc(trace->connections,
                                       (size_t)trace->connections_cap * sizeof *trace->connections);
    }
    trace->connections[trace->n_connections++] = object;
    trace->objects[object].ordinal = trace->n_connections;
}

void trace_set_kind(Trace *trace, unsigned object, ObjectKind kind)
{
    Object *known = trace_object_mutable(trace, object);
    if (!known)
        return;
    if (kind == OBJECT_CONNECTION && !known->ordinal)
        connection_new(trace, object);
    known->kind = kind;
}

unsigned trace_connection(const Trace *trace, int n)
{
    return n >= 1 && n <= trace->n_connections ? trace->connections[n - 1] : 0;
}

/* --- names --- */

static NameTable *table_find(const Trace *trace, int process)
{
    for (int i = 0; i < trace->n_tables; i++)
        if (trace->tables[i].process == process)
            return &trace->tables[i];
    return NULL;
}

static NameTable *table_get(Trace *trace, int process)
{
    NameTable *table = table_find(trace, process);
    if (!table && trace->n_tables == TRACE_PROCESSES)
        trace_lose(trace, "more than 64 processes ran at once");
    if (table || trace->n_tables == TRACE_PROCESSES)
        return table;
    if (!trace->tables)
        trace->tables = x_calloc(TRACE_PROCESSES, sizeof *trace->tables);
    table = &trace->tables[trace->n_tables++];
    *table = (NameTable){.process = process};
    return table;
}

static unsigned *name_find(const NameTable *table, int fd)
{
    return table && fd >= 0 && fd < table->len ? &table->names[fd] : NULL;
}

static unsigned *name_get(Trace *trace, NameTable *table, int fd)
{
    if (!table || fd < 0 || fd >= TRACE_NAMES)
        return NULL;
    if (fd >= table->len) {
        int len = table->len ? table->len : 32;
        while (len <= fd)
            len *= 2;
        if (!trace_may_grow(trace, (size_t)table->len, (size_t)len, sizeof *table->names))
            return NULL;
        table->names = x_realloc(table->names, (size_t)len * sizeof *table->names);
        memset(table->names + table->len, 0, (size_t)(len - table->len) * sizeof *table->names);
        table->len = len;
    }
    return &table->names[fd];
}

/* Takes the name away from its object, which it returns. */
static unsigned name_drop(Trace *trace, unsigned *name, int64_t when_ns)
{
    unsigned object = *name >> 1;
    *name = 0;
    Object *known = trace_object_mutable(trace, object);
    if (known && known->names > 0 && --known->names == 0)
        trace_unwatch_all(trace, object, when_ns);
    return known ? object : 0;
}

/* Files and sockets that nobody asks for may go unknown; what is done with a connection may not. */
static void lose_connection(Trace *trace)
{
    trace_lose(trace, "more files and sockets were opened than there is room to follow");
}

static void name_give(Trace *trace, int process, int fd, unsigned object, int64_t when_ns)
{
    unsigned *name = name_get(trace, table_get(trace, process), fd);
    Object *known = trace_object_mutable(trace, object);
    if (!name) {
        if (known && known->kind == OBJECT_CONNECTION)
            lose_connection(trace);
        return;
    }
    name_drop(trace, name, when_ns);
    *name = object << 1;
    if (known)
        known->names++;
}

unsigned trace_open(Trace *trace, int process, int fd, ObjectKind kind, int64_t when_ns)
{
    if (fd < 0)
        return 0;
    unsigned object = object_new(trace);
    if (object) {
        trace->objects[object] = (Object){.kind = OBJECT_OTHER, .fd = fd, .opened_ns = when_ns};
        trace->watch_of[object] = -1;
        trace_set_kind(trace, object, kind);
    } else if (kind == OBJECT_CONNECTION) {
        lose_connection(trace);
    }
    name_give(trace, process, fd, object, when_ns);
    return object;
}

unsigned trace_lookup(const Trace *trace, int process, int fd)
{
    const unsigned *name = name_find(table_find(trace, process), fd);
    return name ? *name >> 1 : 0;
}

void trace_dup(Trace *trace, int process, int old_fd, int new_fd, int64_t when_ns)
{
    if (old_fd != new_fd)
        name_give(trace, process, new_fd, trace_lookup(trace, process, old_fd), when_ns);
}

unsigned trace_close(Trace *trace, int process, int fd, int64_t when_ns)
{
    unsigned *name = name_find(table_find(trace, process), fd);
    if (!name || !*name)
        return 0;
    unsigned object = name_drop(trace, name, when_ns);
    Object *known = trace_object_mutable(trace, object);
    if (known && known->names == 0)
        known->closed_ns = when_ns;
    return object;
}

void trace_set_cloexec(Trace *trace, int process, int fd, bool on)
{
    unsigned *name = name_find(table_find(trace, process), fd);
    if (name && *name >> 1)
        *name = (*name & ~1u) | on;
}

/* --- processes --- */

void trace_fork(Trace *trace, int parent, int child)
{
    trace_process_end(trace, child, trace->last_start_ns);
    NameTable *to = table_get(trace, child);
    const NameTable *from = table_find(trace, parent); /* only now: that moved tables */
    if (!to || !from || !from->len)
        return;
    if (!trace_may_grow(trace, 0, (size_t)from->len, sizeof *to->names)) {
        lose_connection(trace);
        return;
    }
    to->names = x_calloc((size_t)from->len, sizeof *to->names);
    to->len = from->len;
    for (int fd = 0; fd < from->len; fd++) {
        to->names[fd] = from->names[fd];
        Object *known = trace_object_mutable(trace, to->names[fd] >> 1);
        if (known)
            known->names++;
    }
}

void trace_renumber(Trace *trace, int from, int to)
{
    trace_process_end(trace, to, trace->last_start_ns);
    NameTable *table = table_find(trace, from);
    if (table)
        table->process = to;
}

void trace_exec(Trace *trace, int process, int64_t when_ns)
{
    NameTable *table = table_find(trace, process);
    for (int fd = 0; table && fd < table->len; fd++)
        if (table->names[fd] & 1)
            name_drop(trace, &table->names[fd], when_ns);
}

void trace_process_end(Trace *trace, int process, int64_t when_ns)
{
    NameTable *table = table_find(trace, process);
    if (!table)
        return;
    for (int fd = 0; fd < table->len; fd++)
        name_drop(trace, &table->names[fd], when_ns);
    trace->table_bytes -= (size_t)table->len * sizeof *table->names;
    free(table->names);
    *table = trace->tables[--trace->n_tables];
}
