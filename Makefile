# lscpd: see README.md. Needs GNU make; `make deps` installs what is missing.

B       ?= build
ifeq ($(origin CC),default)
CC      := gcc
endif
PREFIX  ?= /usr/local
VERSION := 0.1.0

PKGS    := gmime-3.0 nettle sqlite3 libxml-2.0 libzip expat jansson libconfuse libutf8proc libseccomp smartcols glib-2.0
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wstrict-prototypes \
           -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Werror
HARDEN  := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
OPT     ?= -O2 -g
CFLAGS  ?= $(OPT) $(HARDEN)
LDFLAGS ?= -pie -Wl,-z,relro,-z,now
# `make V=1` shows the commands.
Q       := $(if $(V),,@)
say      = $(if $(V),,@echo '  $(1)  $(patsubst $(B)/%,%,$@)')

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(PKG_CFLAGS) -Idaemon -I. -I$(B)/gen \
           -DLSCPD_VERSION='"$(VERSION)"' -DLSCPD_LIBEXEC='"$(PREFIX)/libexec/lscpd"' \
           -DLSCPD_SHARE='"$(PREFIX)/share/lscpd"' -MMD -MP

# Rooms, each an archive; a program names the rooms it may see, top first.
ROOMS   := engine mail forms store settings domain wire net mailbox parser courier base ctl
lib      = $(foreach r,$(1),$(B)/lib/$(r).a)
ENGINE_ROOMS := engine handlers mail forms store settings domain wire base
PROGRAMS := lscpd lscpd-mailbox lscpd-parser lscpd-courier lscpctl

pkg_libs = $(shell pkg-config --libs $(1) 2>/dev/null)
LIBS_engine  := $(call pkg_libs,nettle xlsxwriter libzip sqlite3 gmime-3.0 jansson libconfuse libutf8proc glib-2.0) -lidn2 -lcsv -lm
LIBS_mailbox := -letpan -lgnutls $(call pkg_libs,nettle jansson libutf8proc glib-2.0) -lcurl-gnutls
LIBS_courier := $(call pkg_libs,nettle jansson libutf8proc glib-2.0) -lidn2 -lcurl-gnutls
LIBS_parser  := $(call pkg_libs,nettle gmime-3.0 libxml-2.0 libzip expat jansson libseccomp libutf8proc glib-2.0) -lidn2 -lcsv -lm
LIBS_ctl     := $(LIBS_engine) $(call pkg_libs,smartcols)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all clean
all: $(PROGRAMS:%=$(B)/%)

$(B)/lscpd: $(B)/daemon/main.o $(call lib,$(ENGINE_ROOMS))
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_engine)
$(B)/lscpd-mailbox: $(B)/daemon/mailbox/main.o $(call lib,mailbox net wire base)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_mailbox)
$(B)/lscpd-courier: $(B)/daemon/courier/main.o $(call lib,courier net wire base)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_courier)
$(B)/lscpd-parser: $(B)/daemon/parser/main.o $(call lib,parser wire base)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_parser)
$(B)/lscpctl: $(B)/daemon/ctl/main.o $(call lib,ctl $(ENGINE_ROOMS))
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_ctl)

# An archive a room; main.c stays out of it.
define room_rule
$(B)/lib/$(1).a: $$(patsubst %.c,$(B)/%.o,$$(filter-out %/main.c,$$(wildcard daemon/$(1)/*.c)))
	@mkdir -p $$(@D) && rm -f $$@
	@$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

$(B)/lib/handlers.a: $(patsubst %.c,$(B)/%.o,$(wildcard handlers/*.c)) $(B)/gen/handlers_registry.o
	@mkdir -p $(@D) && rm -f $@
	@$(AR) rcs $@ $^

# The registry: each handlers/NAME.c that defines `const struct handler handler_NAME`.
$(B)/gen/handlers_registry.c: $(wildcard handlers/*.c) Makefile
	@mkdir -p $(@D)
	@names=$$(sed -n 's/^const struct handler handler_\([a-z0-9_]*\) = {$$/\1/p' handlers/*.c | sort); \
	{ echo '#include "handlers/handler.h"'; \
	  for n in $$names; do echo "extern const struct handler handler_$$n;"; done; \
	  echo 'const struct handler *const g_handlers[] = {'; \
	  for n in $$names; do echo "	&handler_$$n,"; done; \
	  echo '	NULL,'; echo '};'; } > $@

# The migrations, as C strings.
$(B)/gen/schema.h: $(sort $(wildcard daemon/store/schema/*.sql)) Makefile
	@mkdir -p $(@D)
	@{ echo 'static const char *const g_schema[] = {'; \
	  for f in $(sort $(wildcard daemon/store/schema/*.sql)); do \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $$f; echo ','; done; \
	  echo '};'; } > $@
$(B)/daemon/store/migrate.o: $(B)/gen/schema.h

$(B)/gen/%.o: $(B)/gen/%.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	rm -rf $(B)

# Programs, forms, templates, holidays and systemd's units; nothing is started or overwritten
# that a person may have changed.
SHARE := $(DESTDIR)$(PREFIX)/share/lscpd
UNITS_DIR := $(DESTDIR)$(PREFIX)/lib/systemd
.PHONY: install
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/lscpd
	install -d $(SHARE)/forms $(SHARE)/templates $(SHARE)/holidays $(SHARE)/register
	install -m 755 $(B)/lscpd $(B)/lscpctl $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/lscpd-mailbox $(B)/lscpd-parser $(B)/lscpd-courier $(DESTDIR)$(PREFIX)/libexec/lscpd/
	install -m 644 config/forms/*.form $(SHARE)/forms/
	install -m 644 config/templates/* $(SHARE)/templates/
	install -m 644 config/holidays/*.json $(SHARE)/holidays/
	install -m 644 config/register/*.csv $(SHARE)/register/
	install -m 644 config/lscpd.conf $(SHARE)/lscpd.conf.example
	install -d $(SHARE)/../doc/lscpd
	install -m 644 README.md LICENSE $(SHARE)/../doc/lscpd/
	install -d $(UNITS_DIR)/system $(UNITS_DIR)/../sysusers.d $(UNITS_DIR)/../tmpfiles.d
	for unit in lscpd.service lscpd@.service; do \
	  sed -e '/^@HARDENING@$$/{r systemd/hardening.conf' -e 'd}' -e 's#@PREFIX@#$(PREFIX)#g' \
	    systemd/$$unit > $(UNITS_DIR)/system/$$unit && chmod 644 $(UNITS_DIR)/system/$$unit || exit 1; done
	install -m 644 systemd/lscpd.sysusers $(UNITS_DIR)/../sysusers.d/lscpd.conf
	install -m 644 systemd/lscpd.tmpfiles $(UNITS_DIR)/../tmpfiles.d/lscpd.conf

include tests/tests.mk
