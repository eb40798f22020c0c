# What keeps the sources in shape. format-check is held by the specs; lint is for a person who reads what it finds.
C_FILES := $(sort $(wildcard $(source_dir)/*/*.[ch] $(source_dir)/*/*/*.[ch]))
CLANG_FORMAT ?= clang-format

format:
	@$(CLANG_FORMAT) -i $(C_FILES)

format-check:
	@$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)

lint:
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem --suppress=autoVariables --suppress=nullPointerArithmeticRedundantCheck -I. -I$(source_dir)/src $(SOURCES)
	@clang-tidy --quiet $(SOURCES) -- -std=c11 -D_GNU_SOURCE -ffreestanding -I. -I$(source_dir)/src

.PHONY: format format-check lint
