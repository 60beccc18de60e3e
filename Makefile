# weir: `make` builds, `make demo` shows, `make check` proves. Variants live side by side under O=:
#   make O=build/asan CC=clang SAN=address,undefined
O       ?= build/main
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
PREFIX  ?= /usr/local
MODULES ?= base loop config model fleet present net store query source action watch cli
VERSION := 0.1.0

DEPS    = ncursesw libcurl jansson sqlite3 libuv libssh2 libcrypto yaml-0.1 libutf8proc
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef \
          -Wwrite-strings -Wvla -Wformat=2 $(if $(WERROR),-Werror)
CFLAGS  ?= -O2 -g
override CFLAGS += -std=c11 -D_GNU_SOURCE -fno-strict-aliasing -fstack-protector-strong $(WARN) \
          $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all -DWEIR_SANITIZED)
CPPFLAGS += -I. -DWEIR_VERSION='"$(VERSION)"' -DWEIR_DATADIR='"$(PREFIX)/share/weir"' \
          -DWEIR_LOCALEDIR='"$(PREFIX)/share/locale"'
LDFLAGS += $(if $(SAN),-fsanitize=$(SAN)) -pthread

CORE_SRC := $(sort $(foreach m,$(MODULES),$(wildcard core/$(m)/*.c core/$(m)/*/*.c)))
TUI_SRC  := $(sort $(wildcard tui/*/*.c))
THEMES   := $(sort $(wildcard themes/*.yaml))
TEST_SRC := $(sort $(foreach m,$(MODULES),$(wildcard tests/core/$(m)/test_*.c tests/core/$(m)/*/test_*.c)))
TTUI_SRC := $(sort $(wildcard tests/tui/test_*.c tests/tui/*/test_*.c))
E2E_SRC  := $(sort $(wildcard tests/e2e/test_*.c))
FAULT_SRC := $(sort $(wildcard tests/faults/test_*.c))
FAULT_HELP := $(sort $(filter-out $(FAULT_SRC),$(wildcard tests/faults/*.c)))
E2E_HELP := $(sort $(filter-out $(E2E_SRC),$(wildcard tests/e2e/*.c)))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
BENCH_HELP := $(sort $(filter-out $(BENCH_SRC),$(wildcard tests/bench/*.c)))
FLEETD_SRC := $(sort $(wildcard tests/bench/fleetd/*.c))
FLEETD  := $(O)/tests/bench/fleetd/fleetd
LINE    := $(O)/tests/bench/line/line
SOAK    := $(O)/tests/bench/soak/soak
S       ?= $(shell awk 'BEGIN { print int($(or $(HOURS),2) * 3600) }')
HELP_SRC := $(sort $(wildcard tests/support/*.c))
obj = $(patsubst %.c,$(O)/%.o,$(1))
bin = $(patsubst %.c,$(O)/%,$(1))

BENCH_FLEET = $(addprefix $(O)/tests/bench/,bench_scale bench_store bench_line)

# Evaluated at the first use and then kept, so that `make check` can install pkg-config first.
once = $(eval $(1) := $(shell pkg-config $(2)))$($(1))
PKG_CFLAGS = $(call once,PKG_CFLAGS,--cflags $(DEPS))
CORE_LIBS  = $(call once,CORE_LIBS,--libs $(filter-out ncursesw,$(DEPS)))
TUI_LIBS   = $(call once,TUI_LIBS,--libs ncursesw)
Q = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)

LANGS := $(basename $(notdir $(wildcard packaging/po/*.po)))
MO    := $(LANGS:%=$(O)/locale/%/LC_MESSAGES/weir.mo)

all: $(O)/weir $(MO)
	@ln -sf $(O)/weir weir

$(O)/weir: $(call obj,$(TUI_SRC) tui/main.c) $(O)/theme_files.o $(O)/libcore.a | $(MO)
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TUI_LIBS) $(CORE_LIBS) -lm
$(O)/locale/%/LC_MESSAGES/weir.mo: packaging/po/%.po
	@mkdir -p $(@D)
	$(call Q,MO)msgfmt --endianness=little -o $@ $<
$(O)/libcore.a: $(call obj,$(CORE_SRC))
	$(call Q,AR)rm -f $@; ar rcs $@ $^
$(O)/libtui.a: $(call obj,$(TUI_SRC)) $(O)/theme_files.o
	$(call Q,AR)rm -f $@; ar rcs $@ $^
$(O)/libsupport.a: $(call obj,$(HELP_SRC))
	$(call Q,AR)rm -f $@; ar rcs $@ $^
# The themes, compiled in: each a name and its text.
$(O)/theme_files.c: $(THEMES) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "tui/term/theme_private.h"'; echo 'const struct theme_source theme_sources[] = {'; \
	for f in $(THEMES); do echo "{\"$$(basename $$f .yaml)\","; sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $$f; echo '},'; done; echo '{0, 0}};'; } > $@
$(O)/theme_files.o: %.o: %.c
	$(call Q,CC)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -c -o $@ $<
$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(call bin,$(TEST_SRC) $(TTUI_SRC)): | $(MO)
# Core tests link without ncurses: the layer law, shown by the linker.
TEST_LIBS = $(call once,TEST_LIBS,--libs cmocka)
$(call bin,$(TEST_SRC)): $(O)/%: $(O)/%.o $(O)/libsupport.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(CORE_LIBS) -lm
$(call bin,$(TTUI_SRC)): $(O)/%: $(O)/%.o $(O)/libsupport.a $(O)/libtui.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(TUI_LIBS) $(CORE_LIBS) -lm $(call once,VTERM_LIBS,--libs vterm)
$(call bin,$(E2E_SRC)): $(O)/%: $(O)/%.o $(call obj,$(E2E_HELP)) $(O)/libsupport.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(CORE_LIBS) -lm $(call once,VTERM_LIBS,--libs vterm)
$(call bin,$(FAULT_SRC)): $(O)/%: $(O)/%.o $(call obj,$(FAULT_HELP) $(E2E_HELP)) $(O)/libsupport.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(CORE_LIBS) -lm $(call once,VTERM_LIBS,--libs vterm)
$(call bin,$(BENCH_SRC)): $(O)/%: $(O)/%.o $(call obj,$(BENCH_HELP) $(E2E_HELP)) $(O)/libsupport.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(CORE_LIBS) -lm $(call once,VTERM_LIBS,--libs vterm)
$(FLEETD): $(call obj,$(FLEETD_SRC)) $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(call once,TLS_LIBS,--libs libssl) -lm
$(LINE): $(call obj,tests/bench/line/line.c) $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) -lm
$(SOAK): $(call obj,tests/bench/soak/soak.c $(BENCH_HELP) $(E2E_HELP)) $(O)/libsupport.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(CORE_LIBS) -lm $(call once,VTERM_LIBS,--libs vterm)
# With FUZZ=1 (clang) a target is a libFuzzer program; without, it replays its corpus.
$(call bin,$(FUZZ_SRC)): $(O)/%: $(O)/%.o $(if $(FUZZ),,$(O)/tests/fuzz/replay.o) $(O)/libtui.a $(O)/libcore.a
	$(call Q,LD)$(CC) $(LDFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) -o $@ $^ $(TUI_LIBS) $(CORE_LIBS) -lm

unit: $(call bin,$(TEST_SRC) $(TTUI_SRC) $(FUZZ_SRC))
e2e: $(O)/weir $(FLEETD) $(LINE) $(SOAK) $(call bin,$(E2E_SRC) $(FAULT_SRC))

deps-%:
	@packaging/install-deps $*
check: deps-build deps-check
	@tests/run all
check-full: deps-build deps-check
	@tests/run full
check-fast:
	@tests/run fast
check-san:
	@tests/run san
demo: deps-build deps-demo
	@$(MAKE) --no-print-directory O=$(O) all
	@WEIR=$(CURDIR)/weir tests/testbed/demo run
demo-stop:
	@tests/testbed/demo stop
# Of the fleet, under ten minutes; bench-all: against real Flink and OpenSSH too.
bench: deps-build deps-check $(O)/weir $(FLEETD) $(LINE) $(BENCH_FLEET)
	@WEIR=$(CURDIR)/$(O)/weir tests/bench/run build/bench $(BENCH_FLEET)
bench-all: deps-build deps-check $(O)/weir $(FLEETD) $(LINE) $(call bin,$(BENCH_SRC))
	@WEIR=$(CURDIR)/$(O)/weir tests/bench/run build/bench $(call bin,$(BENCH_SRC))
fleet: deps-build $(O)/weir $(FLEETD)
	@WEIR=$(CURDIR)/$(O)/weir tests/bench/fleet $(or $(N),10000) $(or $(M),1000) $(FLEET)
soak: deps-build deps-check $(O)/weir $(FLEETD) $(SOAK)
	@SOAK=$(CURDIR)/$(SOAK) tests/bench/soak/under none $(S) $(N) $(if $(N),$(or $(M),$(N)))
soak-valgrind: deps-build deps-check $(O)/weir $(FLEETD) $(SOAK)
	@SOAK=$(CURDIR)/$(SOAK) tests/bench/soak/under valgrind 60 200 20
soak-threads: deps-build deps-check $(O)/weir $(FLEETD) $(SOAK)
	@$(MAKE) --no-print-directory O=build/tsan CC=clang SAN=thread build/tsan/weir
	@SOAK=$(CURDIR)/$(SOAK) tests/bench/soak/under tsan 60 200 20
fuzz:
	@tests/run fuzz $(T)
golden:
	@tests/run golden
fmt:
	clang-format -i $(shell git ls-files '*.c' '*.h')
lint:
	@tests/run lint
# Brings the catalogues up to the texts of the sources; what is new there is then to be translated.
po:
	@packaging/po/update

install: all
	install -D -m 755 $(O)/weir $(DESTDIR)$(PREFIX)/bin/weir
	install -d $(DESTDIR)$(PREFIX)/share/weir/themes $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 themes/*.yaml $(DESTDIR)$(PREFIX)/share/weir/themes/
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/weir packaging/examples/*.yaml
	$(O)/weir --lang en help --man > $(DESTDIR)$(PREFIX)/share/man/man1/weir.1
	set -e; for l in $(LANGS); do \
		install -D -m 644 $(O)/locale/$$l/LC_MESSAGES/weir.mo $(DESTDIR)$(PREFIX)/share/locale/$$l/LC_MESSAGES/weir.mo; \
		install -d $(DESTDIR)$(PREFIX)/share/man/$$l/man1; \
		$(O)/weir --lang $$l help --man > $(DESTDIR)$(PREFIX)/share/man/$$l/man1/weir.1; \
	done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(O)/weir --lang en completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/weir
	$(O)/weir --lang en completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/weir.fish
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/weir $(DESTDIR)$(PREFIX)/share/man/man1/weir.1
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/weir $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/weir.fish
	rm -f $(foreach l,$(LANGS),$(DESTDIR)$(PREFIX)/share/locale/$(l)/LC_MESSAGES/weir.mo $(DESTDIR)$(PREFIX)/share/man/$(l)/man1/weir.1)
	rm -rf $(DESTDIR)$(PREFIX)/share/weir $(DESTDIR)$(PREFIX)/share/doc/weir
clean:
	rm -rf build weir

.PHONY: all unit e2e check check-full check-fast check-san demo demo-stop bench bench-all fleet soak soak-valgrind soak-threads fuzz golden fmt lint po install uninstall clean
.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)
