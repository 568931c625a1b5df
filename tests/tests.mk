# Tests: units are tests/unit/ROOM/test_*.c, each a cmocka program linked with
# its room and the rooms below it.

UNIT_ROOMS_base     := base
UNIT_ROOMS_domain   := domain base
UNIT_ROOMS_settings := settings domain base
UNIT_ROOMS_wire     := wire base
UNIT_ROOMS_parser   := parser wire base
UNIT_ROOMS_store    := store settings domain base
UNIT_ROOMS_forms    := forms domain wire base
UNIT_ROOMS_mail     := mail store settings domain base
UNIT_ROOMS_mailbox  := mailbox net wire base
UNIT_ROOMS_net      := net wire base
UNIT_ROOMS_courier  := courier net wire base
UNIT_ROOMS_engine   := engine handlers mail forms store settings domain wire base
UNIT_ROOMS_handlers := handlers mail forms store settings domain wire base

UNITS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c))
TEST_LIBS := $(LIBS_engine) -letpan -lgnutls -lcurl-gnutls $(call pkg_libs,libxml-2.0 libzip expat libseccomp cmocka) -lcsv

define unit_rule
$(B)/tests/unit/$(1)/test_%: $(B)/tests/unit/$(1)/test_%.o $$(call lib,$$(UNIT_ROOMS_$(1)))
	$$(call say,LD)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(TEST_LIBS)
endef
$(foreach r,base domain settings wire net parser store forms mail mailbox courier engine handlers,$(eval $(call unit_rule,$(r))))

.PHONY: units
units: $(UNITS)
	@for t in $(UNITS); do $$t || exit 1; done

# Everything below is called by people and by .ci/run.
.PHONY: test deps tools units-build lint format format-check tidy metrics run bench crash asan cover analyze fuzz \
        faults-build tools-build scenarios

SOURCES = $(wildcard daemon/*.c daemon/*/*.[ch] handlers/*.[ch] tests/unit/*/*.[ch] tests/support/*.c tests/bench/*.c tests/fuzz/*.c)
PYTHON  ?= python3

units-build: $(UNITS)

# Shows what the parser makes of a raw mail; the corpus is judged with it.
tools-build: $(B)/record_dump $(B)/replay
$(B)/record_dump: $(B)/tests/support/record_dump.o $(call lib,parser wire base)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_parser)

# The fuzz targets without a fuzzer, for what is kept in tests/fuzz/corpus.
$(B)/replay: $(B)/tests/fuzz/replay.o $(B)/tests/fuzz/fuzz.o $(call lib,parser wire base)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_parser)

# Installs what is missing, then builds and runs everything; see run_tests.py.
test: deps
	@LSCPD_BUILD=$(B) MAKE="$(MAKE)" $(PYTHON) tests/support/run_tests.py

deps:
	@tests/support/deps.sh test
tools:
	@tests/support/deps.sh all

scenarios: all
	@LSCPD_BUILD=$(B) $(PYTHON) tests/support/scenario.py

run:
	@tests/support/deps.sh build
	@$(MAKE) -s all
	@LSCPD_BUILD=$(B) $(PYTHON) tests/support/demo.py

# What a compiler does not see, and what the second compiler sees.
lint: tools
	tests/support/lint_includes.sh
	tests/support/lint_source.py
	tests/support/lint_forms.py
	tests/support/metrics.py --limits
	$(MAKE) -s format-check
	$(MAKE) -s -k B=build/clang CC=clang all units-build

format:
	clang-format -i $(SOURCES)
format-check:
	@clang-format --dry-run -Werror $(SOURCES)

tidy: tools all
	clang-tidy --quiet $(filter daemon/%.c handlers/%.c,$(SOURCES)) -- $(ALL_CFLAGS) -Wno-unknown-warning-option

metrics:
	@tests/support/metrics.py

# Builds of their own, each in a folder below build/.
FAULT_OPT := -O1 -g -DLSCPD_FAULTS
faults-build:
	@$(MAKE) -s B=build/faults OPT="$(FAULT_OPT)" all

crash: faults-build
	$(PYTHON) tests/crash/walk.py
	$(PYTHON) tests/crash/walk.py --servers

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
asan:
	@$(MAKE) -s B=build/asan OPT="-O1 -g" HARDEN="-fPIE $(SANITIZE)" all units-build
	@LSCPD_BUILD=build/asan LSAN_OPTIONS="suppressions=$(CURDIR)/tests/support/lsan.supp:print_suppressions=0" \
	  MAKE="$(MAKE) OPT='-O1 -g' HARDEN='-fPIE $(SANITIZE)'" \
	  $(PYTHON) tests/support/run_tests.py units scenarios replay corpus reload online

cover:
	@$(MAKE) -s B=build/cover OPT="-O0 -g --coverage" HARDEN="-fPIE" all units-build
	@LSCPD_BUILD=build/cover MAKE="$(MAKE) OPT='-O0 -g --coverage' HARDEN=-fPIE" \
	  $(PYTHON) tests/support/run_tests.py units scenarios || true
	@$(PYTHON) tests/support/cover.py build/cover

analyze: tools
	@for f in $(filter daemon/%.c handlers/%.c,$(SOURCES)); do \
	  clang --analyze -Xclang -analyzer-output=text $(filter-out -MMD -MP,$(ALL_CFLAGS)) -o /dev/null $$f || exit 1; done

bench: all $(B)/tests/bench/count_syncs.so $(B)/tests/bench/smtp_sink
	@LSCPD_BUILD=$(B) $(PYTHON) tests/bench/bench.py $(BENCH)
	@LSCPD_BUILD=$(B) $(PYTHON) tests/bench/workbooks.py

$(B)/tests/bench/smtp_sink: tests/bench/smtp_sink.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O2 -o $@ $< -lgnutls -lpthread

$(B)/tests/bench/%.so: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -O2 -fPIC -shared -o $@ $<

# FUZZ_SECONDS of random bytes into each reader (or `make fuzz READERS=xlsx`), under the sanitizers.
# What is found beyond the kept corpora stays in build/fuzz/corpus.
READERS ?= $(notdir $(wildcard tests/fuzz/corpus/*))
FUZZ_SECONDS ?= 60
FUZZ_OPT := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz: tools
	@$(MAKE) -s B=build/fuzz CC=clang OPT="$(FUZZ_OPT)" HARDEN="-fPIE" $(READERS:%=build/fuzz/fuzz_%)
	@for r in $(READERS); do mkdir -p build/fuzz/corpus/$$r; \
	  ASAN_OPTIONS=detect_leaks=0 build/fuzz/fuzz_$$r -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -timeout=20 \
	    -rss_limit_mb=1024 -print_final_stats=1 build/fuzz/corpus/$$r tests/fuzz/corpus/$$r || exit 1; done
$(B)/fuzz_%: $(B)/tests/fuzz/fuzz.o $(call lib,parser wire base)
	$(CC) $(CFLAGS) -fsanitize=fuzzer,address,undefined -pie -o $@ $^ $(LIBS_parser)
