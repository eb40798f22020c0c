# The settings file, with every line a comment. One that is there already is somebody's work and stays.
install: install-settings

install-settings: $(source_dir)/etc/ogrt-shim.conf.in
	mkdir -p $(DESTDIR)$(sysconfdir)
	test -e $(DESTDIR)$(sysconfdir)/ogrt-shim.conf \
	    || install -m 0644 ogrt-shim.conf $(DESTDIR)$(sysconfdir)/ogrt-shim.conf

.PHONY: install-settings
