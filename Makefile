# Lesson 8, graded. `make help` lists what there is.
#
#   make grade     installs what is missing, builds, grades assignments/
#   make test      installs what is missing, builds, passes the tests
#
# GNU make. Builds go to $(BUILD); nothing else is written.

VERSION = 0.1.0
BUILD  ?= build
PREFIX ?= /usr/local
CC     ?= cc
DIR    ?= assignments

OS := $(shell uname -s | tr A-Z a-z | sed s/darwin/macos/)

WARNINGS = -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
           -Wwrite-strings -Wformat=2 -Wvla -Wno-format-nonliteral
# WERROR=1 for developers (make check sets it); a student's newer compiler may warn.
CFLAGS  ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) $(CFLAGS) \
             -DGRADER_VERSION='"$(VERSION)"' -Igrader $(PKG_CFLAGS)

# Asked only when something is compiled, after `deps` had its chance.
PKGS       = libuv jansson sqlite3 libzstd libcrypto $(PKGS_$(OS))
PKGS_linux = libseccomp libdw libelf
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
LIBS       = $(PKG_LIBS) -lpthread -lm

# A backend is a file NAME_linux.c or NAME_macos.c; the other system's are left out.
OTHERS_linux = %_macos.c
OTHERS_macos = %_linux.c
SOURCES  = $(filter-out $(OTHERS_$(OS)) grader/setup/%,$(sort $(wildcard grader/*.c grader/*/*.c)))
OBJECTS  = $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/gen/registry.o
LIBRARY  = $(filter-out $(BUILD)/grader/main.o,$(OBJECTS))
PEERS    = $(wildcard grader/exercises/*/*.peer)
HEADERS  = $(wildcard assignments/include/*.h)
UNITS    = $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN = $(UNITS:tests/unit/%.c=$(BUILD)/unit/%)
EXERCISES = $(notdir $(wildcard reference/ex*))
PROGRAM_ex1_nonblocking = nonblocking
PROGRAM_ex2_event_loop  = event_loop
PROGRAM_ex3_echo_server = echo_server
PROGRAM_ex4_reactor     = reactor
REFERENCES = $(foreach e,$(EXERCISES),$(BUILD)/reference/$(e)/$(PROGRAM_$(e)))

.PHONY: help all deps deps-test grade demo test check bench fmt install clean programs units \
        stubs references

help: ## this list
	@echo 'make grade [DIR=folder]   installs what is missing, builds, grades (default: assignments/)'
	@echo 'make test                 installs what is missing, builds, passes every test'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

all: deps ## build the grader and the references
	@$(MAKE) --no-print-directory programs

deps: ## install what grading needs (apt or brew; says so first)
	@grader/setup/deps.sh run

deps-test:
	@grader/setup/deps.sh test

grade: all ## grade DIR (assignments/)
	@$(BUILD)/grader/grader run $(DIR)

programs: $(BUILD)/grader/grader $(BUILD)/grader/grader-launch references

# --- the grader ---

$(BUILD)/grader/grader: $(OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The first thing that runs inside a sandbox: static, so that it needs nothing there.
$(BUILD)/grader/grader-launch: grader/setup/launch_$(OS).c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) -O2 $(if $(filter linux,$(OS)),-static) -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/registry.c: grader/exercises/registry.sh $(wildcard grader/exercises/ex*.c) $(PEERS) $(HEADERS)
	@mkdir -p $(@D)
	grader/exercises/registry.sh grader/exercises assignments/include > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/registry.o: $(BUILD)/gen/registry.c
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# --- references ---

references: $(REFERENCES)

define reference_rule
$(BUILD)/reference/$(1)/$(PROGRAM_$(1)): $(wildcard reference/$(1)/*.[ch]) $(HEADERS)
	@mkdir -p $$(@D)
	$(CC) -std=gnu11 -Wall -Wextra $(if $(WERROR),-Werror) -O1 -g -pthread -Iassignments/include -o $$@ \
	    $(wildcard reference/$(1)/*.c)
endef
$(foreach e,$(EXERCISES),$(eval $(call reference_rule,$(e))))

# --- tests ---

$(BUILD)/libgrader.a: $(LIBRARY)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libgrader.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -Itests/unit -o $@ $< $(BUILD)/libgrader.a -lcmocka $(LIBS)

units: $(UNIT_BIN)

clean: ## remove what was built
	rm -rf $(BUILD)
