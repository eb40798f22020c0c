# The SPANK plugin, where configure has found Slurm's headers. Slurm's daemons and commands load it: an ordinary library
# with a C library, whose only symbols are what Slurm looks up.
ifeq ($(WITH_SLURM),yes)

SPANK_SOURCES := $(sort $(wildcard $(source_dir)/spank/*.c))
SPANK_OBJECTS := $(patsubst $(source_dir)/spank/%.c,build/spank/%.o,$(SPANK_SOURCES)) build/spank/wire.o build/spank/frame.o
SPANK_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wconversion -Werror -fPIC -fvisibility=hidden $(SLURM_CFLAGS)
sharedir ?= $(prefix)/share

all: build/ogrt_spank.so build/spank/ogrt.conf

build/ogrt_spank.so: $(SPANK_OBJECTS)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(SPANK_OBJECTS) -o $@ -shared -Wl,-soname,ogrt_spank.so -Wl,-z,noexecstack

build/spank/%.o: $(source_dir)/spank/%.c config.h config.mk | build/spank
	@echo "  CC  $@"
	@$(CC) $(CFLAGS) $(SPANK_CFLAGS) -I. -I$(source_dir)/src -MMD -MP -c $< -o $@

# How frames are written is the same here and in the preload library.
build/spank/%.o: $(source_dir)/src/%.c config.h config.mk | build/spank
	@echo "  CC  $@"
	@$(CC) $(CFLAGS) $(SPANK_CFLAGS) -I. -I$(source_dir)/src -MMD -MP -c $< -o $@

build/spank/ogrt.conf: $(source_dir)/spank/ogrt.conf.in config.mk | build/spank
	@sed -e 's|@plugindir@|$(slurm_plugindir)|' -e 's|@library@|$(preload)|' -e 's|@sharedir@|$(sharedir)/ogrt/plugstack.conf.d|' \
	    $< >$@

build/spank:
	mkdir -p build/spank

install: install-spank

install-spank: build/ogrt_spank.so build/spank/ogrt.conf
	mkdir -p $(DESTDIR)$(slurm_plugindir) $(DESTDIR)$(sharedir)/ogrt/plugstack.conf.d
	install -m 0755 build/ogrt_spank.so $(DESTDIR)$(slurm_plugindir)/ogrt_spank.so.new
	mv -f $(DESTDIR)$(slurm_plugindir)/ogrt_spank.so.new $(DESTDIR)$(slurm_plugindir)/ogrt_spank.so
	install -m 0644 build/spank/ogrt.conf $(DESTDIR)$(sharedir)/ogrt/plugstack.conf.d/ogrt.conf

uninstall: uninstall-spank

uninstall-spank:
	rm -f $(DESTDIR)$(slurm_plugindir)/ogrt_spank.so $(DESTDIR)$(sharedir)/ogrt/plugstack.conf.d/ogrt.conf
	@rmdir -p --ignore-fail-on-non-empty $(DESTDIR)$(slurm_plugindir) $(DESTDIR)$(sharedir)/ogrt/plugstack.conf.d 2>/dev/null || true

-include $(wildcard build/spank/*.d)

.PHONY: install-spank uninstall-spank

endif
