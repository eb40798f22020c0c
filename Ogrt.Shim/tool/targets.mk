# The program ogrt: stamps, inspection of watermarks, addresses of servers. A normal program with a C library.
bindir ?= $(prefix)/bin

TOOL_SOURCES := $(sort $(wildcard $(source_dir)/tool/*.c))
TOOL_OBJECTS := $(patsubst $(source_dir)/tool/%.c,build/tool/%.o,$(TOOL_SOURCES))

TOOL_CFLAGS := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Werror -fPIE
TOOL_LDFLAGS := -pie -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now

all: build/ogrt

build/ogrt: $(TOOL_OBJECTS)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(TOOL_OBJECTS) -o $@ $(TOOL_LDFLAGS)

build/tool/%.o: $(source_dir)/tool/%.c config.h config.mk
	@mkdir -p build/tool
	@echo "  CC  $@"
	@$(CC) $(CFLAGS) $(TOOL_CFLAGS) -I. -I$(source_dir)/tool -MMD -MP -c $< -o $@

install: install-tool

install-tool: build/ogrt
	mkdir -p $(DESTDIR)$(bindir)
	install -m 0755 build/ogrt $(DESTDIR)$(bindir)/ogrt.new
	mv -f $(DESTDIR)$(bindir)/ogrt.new $(DESTDIR)$(bindir)/ogrt

uninstall: uninstall-tool

uninstall-tool:
	rm -f $(DESTDIR)$(bindir)/ogrt

# The fuzzer of what reads files that anybody may have made: see fuzz/targets.mk.
FUZZ_SOURCES_inspect := $(addprefix $(source_dir)/tool/,elf_reader.c gnu_property.c inspection.c uuid.c watermark.c)

-include $(wildcard build/tool/*.d)

.PHONY: install-tool uninstall-tool
