# Lesson 8, graded. `make help` lists what there is.
#
#   make demo      installs what is missing, builds, serves a small course on loopback
#   make grade     installs what is missing, builds, grades assignments/
#   make test      installs what is missing, builds, passes the tests
#
# GNU make. Builds go to $(BUILD); nothing else is written.

VERSION = 0.1.0
BUILD  ?= build
PREFIX ?= /usr/local
CC     ?= cc
DIR    ?= assignments

# For another kind of machine: CROSS=aarch64-linux-gnu takes Debian's compiler and libraries for it
# (tests/cross.sh tries it).
ifdef CROSS
CC         = $(CROSS)-gcc
AR         = $(CROSS)-ar
STRIP      = $(CROSS)-strip
PKG_CONFIG = PKG_CONFIG_LIBDIR=/usr/lib/$(CROSS)/pkgconfig:/usr/share/pkgconfig pkg-config
else
PKG_CONFIG = pkg-config
endif

OS := $(shell uname -s | tr A-Z a-z | sed s/darwin/macos/)

WARNINGS = -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
           -Wwrite-strings -Wformat=2 -Wvla -Wno-format-nonliteral
# WERROR=1 for developers (make check sets it); a student's newer compiler may warn.
CFLAGS  ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) $(CFLAGS) \
             -Igrader $(PKG_CFLAGS)

# Asked only when something is compiled, after `deps` had its chance.
PKGS       = libuv jansson sqlite3 libzstd libcrypto $(PKGS_$(OS))
PKGS_linux = libseccomp libdw libelf
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS)))$(PKG_LIBS)
LIBS       = $(PKG_LIBS) -lpthread -lm $(DL_$(OS))
DL_linux   = -ldl

# A backend is a file NAME_linux.c or NAME_macos.c; the other system's are left out.
OTHERS_linux = %_macos.c
OTHERS_macos = %_linux.c
SOURCES  = $(filter-out $(OTHERS_$(OS)) grader/setup/%,$(sort $(wildcard grader/*.c grader/*/*.c)))
OBJECTS  = $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/gen/registry.o $(BUILD)/gen/version.o
LIBRARY  = $(filter-out $(BUILD)/grader/main.o,$(OBJECTS))
PEERS    = $(wildcard grader/exercises/*/*.peer)
HEADERS  = $(wildcard assignments/include/*.h)
READMES  = $(wildcard assignments/ex*/README.md)
UNITS    = $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN = $(UNITS:tests/unit/%.c=$(BUILD)/unit/%)
EXERCISES = $(notdir $(wildcard reference/ex*))
OURS     = $(EXERCISES) spinner
PROGRAM_spinner         = spinner
PROGRAM_ex1_nonblocking = nonblocking
PROGRAM_ex2_event_loop  = event_loop
PROGRAM_ex3_echo_server = echo_server
PROGRAM_ex4_reactor     = reactor
REFERENCES = $(foreach e,$(OURS),$(BUILD)/reference/$(e)/$(PROGRAM_$(e)))

# Builds inside another target take every core, unless -j was given.
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))

# V=1 shows the commands, otherwise a word for each is enough.
Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

.PHONY: help all deps deps-bench deps-test grade demo test check bench fmt install clean programs units references

help: ## this list
	@echo 'make demo                 installs what is missing, builds, serves a small course on loopback'
	@echo 'make grade [DIR=folder]   installs what is missing, builds, grades (default: assignments/)'
	@echo 'make test                 installs what is missing, builds, passes every test'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

all: deps-web ## build everything: the grader, the references, the course's server
	@$(MAKE) $(JOBS) --no-print-directory programs web

deps: ## install what grading needs (apt or brew; says so first)
	@grader/setup/deps.sh run $(CROSS)

deps-web:
	@grader/setup/deps.sh web

deps-bench:
	@grader/setup/deps.sh bench

deps-test:
	@grader/setup/deps.sh test

grade: deps ## grade DIR (assignments/)
	@$(MAKE) $(JOBS) --no-print-directory programs
	@$(BUILD)/grader/grader run $(RUN) $(DIR) || [ $$? -eq 1 ] # 1: points are missing; the report says which

programs: $(BUILD)/grader/grader $(BUILD)/grader/grader-launch references

# --- the grader ---

$(BUILD)/grader/grader: $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The first thing that runs inside a sandbox: static, so that it needs nothing there.
$(BUILD)/grader/grader-launch: grader/setup/launch_$(OS).c $(wildcard grader/setup/*.h)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) -O2 $(if $(filter linux,$(OS)),-static) -o $@ $<

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/registry.c: grader/exercises/registry.sh $(wildcard grader/exercises/ex*.c) $(PEERS) $(HEADERS) $(READMES)
	$(call say,MAKE,$@)
	@mkdir -p $(@D)
	$(Q)grader/exercises/registry.sh grader/exercises assignments > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/registry.o $(BUILD)/gen/version.o: %.o: %.c
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Looked at each time, written only if it has changed.
$(BUILD)/gen/version.c: always
	@grader/setup/version.sh $(VERSION) $@

.PHONY: always
always:

-include $(OBJECTS:.o=.d)

include web/web.mk

# --- references ---

references: $(REFERENCES)

define reference_rule
$(BUILD)/reference/$(1)/$(PROGRAM_$(1)): $(wildcard reference/$(1)/*.[ch]) $(HEADERS)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CC) -std=gnu11 -Wall -Wextra $(if $(WERROR),-Werror) -O1 -g -pthread -Iassignments/include -o $$@ \
	    $(wildcard reference/$(1)/*.c)
endef
$(foreach e,$(OURS),$(eval $(call reference_rule,$(e))))

# --- tests ---

$(BUILD)/libgrader.a: $(LIBRARY)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libgrader.a
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(BUILD)/libgrader.a -lcmocka $(LIBS)

-include $(UNIT_BIN:=.d)

units: $(UNIT_BIN) $(BUILD)/grader/grader-launch

$(BUILD)/whole/%: tests/whole/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) -O1 -g -o $@ $< $(shell pkg-config --cflags --libs jansson)

# The bench, and the servers that the reference of exercise 3 is held against: the same
# compiler options for all of them.
BENCH_CC      = $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) -O2 -g
BENCH_SERVERS = $(basename $(notdir $(wildcard tests/bench/servers/*.c)))
LIBS_raw_epoll =
LIBS_libuv     = $(shell pkg-config --libs libuv)
LIBS_libev     = -lev
LIBS_libevent  = $(shell pkg-config --libs libevent_core)

BENCH_SOURCES = $(filter-out tests/bench/web%,$(wildcard tests/bench/*.c))

$(BUILD)/bench/bench: $(BENCH_SOURCES) $(wildcard tests/bench/*.h)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(BENCH_CC) -o $@ $(BENCH_SOURCES) $(shell pkg-config --libs sqlite3)

$(BUILD)/bench/reference: $(wildcard reference/ex3_echo_server/*.[ch])
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(BENCH_CC) -o $@ $(wildcard reference/ex3_echo_server/*.c)

$(BUILD)/bench/%: tests/bench/servers/%.c tests/bench/servers/server.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(BENCH_CC) -o $@ $< $(LIBS_$*)

.PHONY: bench-programs
bench-programs: $(BUILD)/bench/bench $(BUILD)/bench/reference $(BENCH_SERVERS:%=$(BUILD)/bench/%)

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

test: deps-test ## install what is missing, build, pass every test
	@$(MAKE) $(JOBS) --no-print-directory WERROR=1 programs web
	@$(MAKE) --no-print-directory WERROR=1 check
	@$(MAKE) --no-print-directory test-units
	@$(MAKE) --no-print-directory test-fuzz
	@$(MAKE) --no-print-directory test-whole
	@echo 'make test: all passed'

.PHONY: test-units test-whole test-fuzz test-soak fuzz

test-units: deps-test ## the unit tests, under AddressSanitizer and UBSan
	@$(MAKE) $(JOBS) --no-print-directory BUILD=$(BUILD)/san WERROR=1 CFLAGS='-O1 -g1 $(SANITIZE)' units
	@printf '%s\n' $(notdir $(UNIT_BIN)) | xargs -P 2 -n 1 tests/unit/run_one $(BUILD)/san/unit

# Two at a time, for they wait more than they work; the longest first.
WHOLE = tests/whole/hostile.sh $(filter-out tests/whole/hostile.sh,$(sort $(wildcard tests/whole/*.sh)))

test-whole: deps-test programs web $(BUILD)/whole/matrix $(BUILD)/whole/web_raw $(BUILD)/whole/issuer ## the grader graded: wrong, correct, reference and stub programs
	@$(BUILD)/whole/matrix -b $(BUILD) -s
	@printf '%s\n' $(WHOLE) | xargs -P 2 -n 1 tests/whole/run_one $(BUILD)

# SOAK_OPTIONS=-c: the correct ones alone; -w: all others; -e EXERCISE.
SOAK ?= 20
test-soak: deps-test programs $(BUILD)/whole/matrix ## every program SOAK (20) times, with spinners on both cores (long)
	@tests/whole/under_load $(BUILD)/whole/matrix -b $(BUILD) -n $(SOAK) $(SOAK_OPTIONS)

# Short in `make test`, FUZZ_SECONDS=600 for the long form.
FUZZ_SECONDS ?= 10
FUZZERS = $(notdir $(basename $(wildcard tests/fuzz/fuzz_*.c)))

FUZZ_FLAGS = -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined

# In a make of its own: the whole library once more, with clang's coverage in it.
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/libgrader.a
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -fsanitize=fuzzer -o $@ $< $(BUILD)/libgrader.a $(LIBS)

test-fuzz: deps-test ## every parser of hostile text, FUZZ_SECONDS (10) each
	@$(MAKE) $(JOBS) --no-print-directory BUILD=$(BUILD)/clang CC=clang \
	    CFLAGS='$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link' $(FUZZERS:%=$(BUILD)/clang/fuzz/%)
	@printf '%s\n' $(FUZZERS) | xargs -P 2 -n 1 tests/fuzz/run_one $(BUILD)/clang/fuzz $(FUZZ_SECONDS)

# --- checks of the sources ---

# Submissions are written as students write.
C_FILES = $(shell git ls-files '*.c' '*.h' ':!tests/submissions' 2>/dev/null)

# What was built with WERROR, as `make test` does, need not be built again.
CHECKED = $(if $(WERROR),$(BUILD),$(BUILD)/werror)

check: $(BUILD)/gen/registry.c ## warnings, format, static analysis, include rules, stubs
	@echo 'check: include rules'; tests/check/includes.sh
	@echo 'check: stubs are current'; reference/stubs.sh check
	@case "$$(clang-format --version)" in \
	*' 14.'*) echo 'check: format'; clang-format --dry-run -Werror $(C_FILES) ;; \
	*) echo 'check: format: passed over, other versions than 14 (Debian 12) differ in details' ;; \
	esac
	@echo 'check: every warning is an error'; $(MAKE) $(JOBS) --no-print-directory -s BUILD=$(CHECKED) WERROR=1 \
	    programs web $(CHECKED)/bench/web $(CHECKED)/whole/matrix $(CHECKED)/whole/web_raw
	@echo 'check: static analysis'; cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	    --enable=warning,performance,portability --suppressions-list=tests/check/cppcheck.txt -j2 \
	    --cppcheck-build-dir=$(BUILD)/gen -D_GNU_SOURCE -Igrader -Iweb -Iassignments/include grader reference web
	@for t in $(sort $(wildcard tests/check/check_*.sh)); do echo "check: $$t"; BUILD=$(BUILD) sh $$t || exit 1; done

fmt: ## format the C files
	clang-format -i $(C_FILES)

# --- showing, measuring, installing ---

demo: all ## a course of eight, served on loopback, their submissions really pushed
	@web/demo.sh $(BUILD)

SECTION =
bench: deps-bench ## measure what the README states (SECTION=echo: that part alone)
	@$(MAKE) $(JOBS) --no-print-directory all bench-programs
	@$(BUILD)/bench/bench -b $(BUILD) $(SECTION)
	@$(if $(SECTION),:,$(MAKE) --no-print-directory bench-web)

.PHONY: handout
handout: ## the students' repository: DIR=folder [COURSE=owner/name [REF=main]]
	@[ '$(DIR)' != assignments ] || { echo 'make handout DIR=folder COURSE=owner/name'; exit 2; }
	@ONE_JOB=$(ONE_JOB) grader/setup/handout.sh '$(DIR)' $(COURSE) $(REF)

.PHONY: grading
grading: ## the repository that students' workflows call: DIR=folder REPO=owner/name [SERVER=https://...]
	@[ '$(DIR)' != assignments ] && [ '$(REPO)' ] || { echo 'make grading DIR=folder REPO=owner/name [SERVER=https://...]'; exit 2; }
	@$(MAKE) --no-print-directory dist
	@grader/setup/grading.sh $(BUILD) $(VERSION) '$(DIR)' '$(REPO)' '$(SERVER)'

.PHONY: dist
dist: deps ## bundles for runners and Gradescope, with SHA-256, in BUILD/dist (CROSS=aarch64-linux-gnu: for arm64)
	@$(MAKE) $(JOBS) --no-print-directory programs
	@CC='$(CC)' STRIP='$(STRIP)' grader/setup/dist.sh $(BUILD) $(BUILD)/dist $(VERSION)

install: all ## to DESTDIR PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec
	install $(BUILD)/grader/grader $(DESTDIR)$(PREFIX)/bin/grader
	$(if $(filter linux,$(OS)),install $(BUILD)/web/courseweb $(DESTDIR)$(PREFIX)/bin/courseweb)
	install $(BUILD)/grader/grader-launch $(DESTDIR)$(PREFIX)/libexec/grader-launch
	$(if $(filter linux,$(OS)),@$(MAKE) --no-print-directory install-service)
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 grader/setup/grader.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 grader/setup/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/grader
	@for e in $(OURS); do d=$(DESTDIR)$(PREFIX)/share/async-grader/reference/$$e; \
	    install -d $$d && install $(BUILD)/reference/$$e/* $$d/ || exit 1; done

clean: ## remove what was built
	rm -rf $(BUILD)
