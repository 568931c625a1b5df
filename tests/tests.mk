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
UNIT_ROOMS_mailbox  := mailbox wire base
UNIT_ROOMS_courier  := courier wire base
UNIT_ROOMS_engine   := engine handlers mail forms store settings domain wire base
UNIT_ROOMS_handlers := handlers mail forms store settings domain wire base

UNITS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c))
TEST_LIBS := $(LIBS_engine) $(call pkg_libs,libxml-2.0 libseccomp cmocka) -lcsv

define unit_rule
$(B)/tests/unit/$(1)/test_%: $(B)/tests/unit/$(1)/test_%.o $$(call lib,$$(UNIT_ROOMS_$(1)))
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(TEST_LIBS)
endef
$(foreach r,base domain settings wire parser store forms mail mailbox courier engine handlers,$(eval $(call unit_rule,$(r))))

.PHONY: units
units: $(UNITS)
	@for t in $(UNITS); do $$t || exit 1; done
