# Modules for users: one in Tcl for Environment Modules, one in Lua for Lmod, in folders of their own, because Lmod reads
# both and would list the two as two versions.
moduledir ?= $(prefix)/share/modulefiles
lmoddir ?= $(prefix)/share/lmod
TCL_MODULE = $(DESTDIR)$(moduledir)/ogrt/$(VERSION)
LUA_MODULE = $(DESTDIR)$(lmoddir)/ogrt/$(VERSION).lua

all: modulefiles
install: install-modulefiles
uninstall: uninstall-modulefiles

modulefiles: build/ogrt.tcl build/ogrt.lua

build/ogrt.%: $(source_dir)/modulefiles/ogrt.%.in config.mk | build
	@sed -e 's,@VERSION@,$(VERSION),g' -e 's,@preload@,$(preload),g' $< >$@.new
	@mv -f $@.new $@

install-modulefiles: modulefiles
	@mkdir -p $(dir $(TCL_MODULE)) $(dir $(LUA_MODULE))
	@install -m 0644 build/ogrt.tcl $(TCL_MODULE)
	@install -m 0644 build/ogrt.lua $(LUA_MODULE)

uninstall-modulefiles:
	@rm -f $(TCL_MODULE) $(LUA_MODULE)
	@rmdir $(dir $(TCL_MODULE)) $(dir $(LUA_MODULE)) 2>/dev/null || true

.PHONY: modulefiles install-modulefiles uninstall-modulefiles
