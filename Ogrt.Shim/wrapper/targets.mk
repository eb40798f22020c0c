# The wrapper around linkers. One program under the names of all linkers, in a folder of its own for -B, COMPILER_PATH or
# PATH. LD_WRAPPERS says which names; those with a machine in front are made where such a linker is installed.
libexecdir ?= $(prefix)/libexec
wrapperdir ?= $(libexecdir)/ogrt

LD_WRAPPERS ?= ld.bfd ld.gold ld.lld ld.mold mold $(foreach machine,x86_64 i686 aarch64,$(foreach linker,ld ld.bfd ld.gold, \
    $(if $(shell command -v $(machine)-linux-gnu-$(linker)),$(machine)-linux-gnu-$(linker))))

WRAPPER_SOURCES := $(sort $(wildcard $(source_dir)/wrapper/*.c))
WRAPPER_OBJECTS := $(patsubst $(source_dir)/wrapper/%.c,build/wrapper/%.o,$(WRAPPER_SOURCES)) \
    $(addprefix build/tool/,build_info.o elf_reader.o gnu_property.o output_file.o say.o sha1.o stamp.o target.o uuid.o watermark.o)

all: build/ogrt-ld

build/ogrt-ld: $(WRAPPER_OBJECTS)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(WRAPPER_OBJECTS) -o $@ $(TOOL_LDFLAGS)

build/wrapper/%.o: $(source_dir)/wrapper/%.c config.h config.mk
	@mkdir -p build/wrapper
	@echo "  CC  $@"
	@$(CC) $(CFLAGS) $(TOOL_CFLAGS) -I. -I$(source_dir)/wrapper -I$(source_dir)/tool -MMD -MP -c $< -o $@

install: install-wrapper

install-wrapper: build/ogrt-ld
	mkdir -p $(DESTDIR)$(wrapperdir)
	install -m 0755 build/ogrt-ld $(DESTDIR)$(wrapperdir)/ld.new
	mv -f $(DESTDIR)$(wrapperdir)/ld.new $(DESTDIR)$(wrapperdir)/ld
	@for name in $(LD_WRAPPERS); do ln -sf ld $(DESTDIR)$(wrapperdir)/$$name || exit 1; done

uninstall: uninstall-wrapper

uninstall-wrapper:
	rm -f $(foreach name,ld $(LD_WRAPPERS),$(DESTDIR)$(wrapperdir)/$(name))
	rmdir $(DESTDIR)$(wrapperdir) 2>/dev/null || true

-include $(wildcard build/wrapper/*.d)

.PHONY: install-wrapper uninstall-wrapper
