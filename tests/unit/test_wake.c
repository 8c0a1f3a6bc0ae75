/* Timers that leave a loop's sockets their turn, and are never early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/clock.h"
#include "wake.h"

enum { CALLS_MOST = 20 };

typedef struct Scene {
    uv_loop_t loop;
    uv_timer_t timer, other;
    uv_poll_t poll;
    int pipe[2];
    int calls, calls_before_read;
    int64_t asked_ns, wanted_ns, called_ns;
} Scene;

static void busy(int64_t ns)
{
    int64_t until = clock_mono_ns() + ns;
    while (clock_mono_ns() < until)
        ;
}

static void begin(Scene *scene)
{
    *scene = (Scene){.calls_before_read = -1};
    assert_int_equal(uv_loop_init(&scene->loop), 0);
    assert_int_equal(uv_timer_init(&scene->loop, &scene->timer), 0);
    assert_int_equal(uv_timer_init(&scene->loop, &scene->other), 0);
    scene->timer.data = scene->other.data = scene->poll.data = scene;
}

static void end(Scene *scene)
{
    uv_close((uv_handle_t *)&scene->timer, NULL);
    uv_close((uv_handle_t *)&scene->other, NULL);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
}

/* Each call takes longer than the pause that it asks for, as one does that waits for a core: when
 * it is over the other timer is due again. */
static void on_busy(uv_timer_t *timer)
{
    Scene *scene = timer->data;
    busy(3 * NS_PER_MS);
    if (++scene->calls < CALLS_MOST)
        wake_in(timer, on_busy, NS_PER_MS);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    Scene *scene = poll->data;
    assert_int_equal(status, 0);
    assert_int_equal(events, UV_READABLE);
    scene->calls_before_read = scene->calls;
    uv_close((uv_handle_t *)poll, NULL);
}

static void sockets_have_their_turn(void **state)
{
    (void)state;
    Scene scene;
    begin(&scene);
    assert_int_equal(pipe(scene.pipe), 0);
    assert_int_equal(write(scene.pipe[1], "x", 1), 1);
    uv_poll_init(&scene.loop, &scene.poll, scene.pipe[0]);
    uv_poll_start(&scene.poll, UV_READABLE, on_readable);
    uv_timer_start(&scene.timer, on_busy, 0, 0);
    uv_timer_start(&scene.other, on_busy, 0, 0);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    assert_true(scene.calls >= CALLS_MOST);
    assert_int_equal(scene.calls_before_read, 2);
    close(scene.pipe[0]);
    close(scene.pipe[1]);
    end(&scene);
}

static void on_called(uv_timer_t *timer)
{
    Scene *scene = timer->data;
    scene->called_ns = clock_mono_ns();
    scene->calls++;
}

static void on_asks(uv_timer_t *timer)
{
    Scene *scene = timer->data;
    busy(30 * NS_PER_MS); /* by so much the loop's own time is behind */
    scene->asked_ns = clock_mono_ns();
    wake_at(timer, on_called, scene->asked_ns + scene->wanted_ns);
}

static void never_early(void **state)
{
    (void)state;
    static const int64_t wanted[] = {-NS_PER_S, 0, 1, NS_PER_MS, 7 * NS_PER_MS + 1};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        Scene scene;
        begin(&scene);
        scene.wanted_ns = wanted[i];
        uv_timer_start(&scene.timer, on_asks, 0, 0);
        uv_run(&scene.loop, UV_RUN_DEFAULT);
        assert_int_equal(scene.calls, 1);
        assert_true(scene.called_ns >= scene.asked_ns + wanted[i]);
        end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_have_their_turn),
        cmocka_unit_test(never_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
