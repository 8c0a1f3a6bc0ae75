# The course's server: web/*.c, the pages, and of the grader only its base, its results,
# its store and its scores.

WEB_PKGS     = libmicrohttpd libgit2 gnutls jansson sqlite3 libzstd libcrypto libcurl
WEB_FLAGS    = $(eval WEB_FLAGS := $(shell pkg-config --cflags $(WEB_PKGS)))$(WEB_FLAGS)
WEB_PKG_LIBS = $(eval WEB_PKG_LIBS := $(shell pkg-config --libs $(WEB_PKGS)))$(WEB_PKG_LIBS)
WEB_LIBS     = $(WEB_PKG_LIBS) -lpthread -lm
WEB_SOURCES  = $(sort $(wildcard web/*.c web/*/*.c))
WEB_OBJECTS  = $(WEB_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/gen/static.o
WEB_SHARED_C = $(sort $(wildcard grader/base/*.c grader/result*.c grader/store*.c grader/course_rules.c grader/scores*.c grader/report/*.c))
WEB_SHARED   = $(WEB_SHARED_C:%.c=$(BUILD)/%.o) $(BUILD)/gen/version.o
WEB_LIBRARY  = $(filter-out $(BUILD)/web/main.o,$(WEB_OBJECTS)) $(WEB_SHARED)

.PHONY: web
web: $(BUILD)/web/courseweb

$(BUILD)/web/courseweb: $(WEB_OBJECTS) $(WEB_SHARED)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(WEB_LIBS)

$(BUILD)/web/%.o: web/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Iweb $(WEB_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/static.c: web/embed.sh $(wildcard web/static/*) web/static
	$(call say,MAKE,$@)
	@mkdir -p $(@D)
	$(Q)web/embed.sh web/static > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/static.o: $(BUILD)/gen/static.c web/static.h
	$(Q)$(CC) $(ALL_CFLAGS) -Iweb -c -o $@ $<

-include $(WEB_OBJECTS:.o=.d)

# Where systemd looks, below any PREFIX of its own; nothing is started.
.PHONY: install-service
install-service:
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/share/doc/courseweb
	sed 's|@PREFIX@|$(PREFIX)|' web/setup/courseweb.service > $(BUILD)/courseweb.service
	install -m 644 $(BUILD)/courseweb.service $(DESTDIR)$(PREFIX)/lib/systemd/system/courseweb.service
	install -m 644 web/setup/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/courseweb.conf
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 web/setup/courseweb.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 web/setup/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/courseweb
	install -m 644 web/README.md web/setup/nginx.conf web/setup/Caddyfile $(DESTDIR)$(PREFIX)/share/doc/courseweb/

$(BUILD)/libweb.a: $(WEB_LIBRARY)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/unit/test_web_%: tests/unit/test_web_%.c $(BUILD)/libweb.a
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Iweb $(WEB_FLAGS) -MMD -MP -o $@ $< $(BUILD)/libweb.a -lcmocka $(WEB_LIBS)

# Its own parsers of hostile text; the others' rule has the grader's library.
$(BUILD)/fuzz/fuzz_request $(BUILD)/fuzz/fuzz_roster $(BUILD)/fuzz/fuzz_token: $(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/libweb.a
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -Iweb $(WEB_FLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/libweb.a $(WEB_LIBS)

# What `make bench` measures of the server (tests/bench/web.h); SECTIONS='page live' of it.
.PHONY: bench-web
bench-web: programs web $(BUILD)/bench/web
	@$(BUILD)/bench/web -b $(BUILD) $(SECTIONS)

BENCH_WEB_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/bench/web*.c)))

$(BUILD)/tests/bench/%.o: tests/bench/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Iweb $(WEB_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/bench/web: $(BENCH_WEB_OBJECTS) $(BUILD)/libweb.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(BENCH_WEB_OBJECTS) $(BUILD)/libweb.a $(WEB_LIBS)

-include $(BENCH_WEB_OBJECTS:.o=.d)

# Issues identity tokens, for the test of reports.
$(BUILD)/whole/issuer: tests/whole/issuer.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) -O1 -g $(WEB_FLAGS) -o $@ $< $(WEB_LIBS)
