# The manual. @VERSION@ and the paths of this configuration are put in when it is built.
MAN_PAGES := $(notdir $(sort $(wildcard $(source_dir)/man/*.1 $(source_dir)/man/*.5 $(source_dir)/man/*.7)))
MAN_BUILT := $(addprefix build/man/,$(MAN_PAGES))
mandir ?= $(prefix)/share/man
man_of = $(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(1)))

all: man
install: install-man
uninstall: uninstall-man

man: $(MAN_BUILT)

build/man/%: $(source_dir)/man/% config.mk | build
	@mkdir -p build/man
	@sed -e 's,@VERSION@,$(VERSION),g' -e 's,@prefix@,$(prefix),g' -e 's,@libdir@,$(libdir),g' \
	    -e 's,@sysconfdir@,$(sysconfdir),g' -e 's,@preload@,$(preload),g' $< >$@.new
	@mv -f $@.new $@

install-man: man
	@$(foreach page,$(MAN_PAGES),mkdir -p $(call man_of,$(page)) && \
	    install -m 0644 build/man/$(page) $(call man_of,$(page))/$(page) &&) true

uninstall-man:
	@$(foreach page,$(MAN_PAGES),rm -f $(call man_of,$(page))/$(page) &&) true

# What the formatters of both kinds have to say about the pages is an error.
check-man: man
	@failed=0; for page in $(MAN_BUILT); do \
	    if command -v mandoc >/dev/null; then mandoc -T lint -W warning $$page || failed=1; fi; \
	    if command -v groff >/dev/null; then \
	        said=$$(groff -man -Tutf8 -ww -z $$page 2>&1); [ -z "$$said" ] || { echo "$$said"; failed=1; }; fi; \
	done; exit $$failed

.PHONY: man install-man uninstall-man check-man
