# One LD_PRELOAD for 64-bit and 32-bit programs: ./configure --multilib. The other library is built in the folder 32.
ifeq ($(MULTILIB),yes)

install: install-links
uninstall: uninstall-links

install-links: install-library
	@sh $(source_dir)/multilib/links.sh install $(DESTDIR)$(prefix) $(ARCH) $(PLAIN_LIB)

uninstall-links:
	@sh $(source_dir)/multilib/links.sh uninstall $(DESTDIR)$(prefix) $(ARCH) $(PLAIN_LIB)

.PHONY: install-links uninstall-links

ifneq ($(CC32),)

all: build-32
check: check-32
install: install-32
uninstall: uninstall-32
clean: clean-32

build-32:
	@$(MAKE) -C 32 build/libogrt.so

check-32:
	@$(MAKE) -C 32 check

install-32:
	@$(MAKE) -C 32 install-library

uninstall-32:
	@$(MAKE) -C 32 uninstall-library

clean-32:
	@$(MAKE) -C 32 clean

.PHONY: build-32 check-32 install-32 uninstall-32 clean-32

endif
endif
