# Fuzzers: each NAME.c here is one, for what the library reads of others. seeds/NAME/ holds its first inputs, NAME.dict,
# where there is one, the words to build more of. They need clang with libFuzzer (Debian: clang and libclang-rt-14-dev,
# or whichever number clang has).
#
#   make fuzz [FUZZ_SECONDS=60]   runs each for so long and fails when one finds something, with the input that did it
#   make fuzz-NAME                only that one
FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
# When to end, in libFuzzer's words: -runs=N is the other way.
FUZZ_LIMIT ?= -max_total_time=$(FUZZ_SECONDS)

FUZZERS := $(patsubst $(source_dir)/fuzz/%.c,%,$(sort $(wildcard $(source_dir)/fuzz/*.c)))

# The sanitizers have their own memcpy, so ours gets another name.
FUZZ_CFLAGS := -g -O1 -std=c11 -D_GNU_SOURCE -Dmemcpy=ogrt_memcpy -Dmemset=ogrt_memset -Dmemcmp=ogrt_memcmp -w \
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -I. -I$(source_dir)/src

# A fuzzer of something that is not in src/ names its sources here: FUZZ_SOURCES_NAME := file.c
FUZZ_OBJECTS := $(patsubst $(source_dir)/src/%.c,build/fuzz/src/%.o,$(filter-out %/start.c %/division.c,$(SOURCES)))

build/fuzz/src/%.o: $(source_dir)/src/%.c config.h config.mk
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

build/fuzz/%: $(source_dir)/fuzz/%.c $(FUZZ_OBJECTS)
	@echo "  CC  $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $< $(FUZZ_SOURCES_$*) $(FUZZ_OBJECTS) -o $@

# What a fuzzer learns stays in build/fuzz/NAME.corpus, so that the next run goes on from there.
fuzz-%: build/fuzz/%
	@mkdir -p build/fuzz/$*.corpus
	@echo "  FUZZ $* ($(FUZZ_LIMIT))"
	@env -u LD_PRELOAD build/fuzz/$* $(FUZZ_LIMIT) -timeout=10 -max_len=16386 -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/$*.found- $(patsubst %,-dict=%,$(wildcard $(source_dir)/fuzz/$*.dict)) \
	    build/fuzz/$*.corpus $(wildcard $(source_dir)/fuzz/seeds/$*) >build/fuzz/$*.log 2>&1 \
	    || { tail -n 40 build/fuzz/$*.log; echo "fuzz: $* has found something: build/fuzz/$*.found-*" >&2; exit 1; }
	@grep -E 'number_of_executed_units|average_exec_per_sec' build/fuzz/$*.log

fuzz: $(addprefix fuzz-,$(FUZZERS))

.PHONY: fuzz
.SECONDARY: $(FUZZ_OBJECTS) $(addprefix build/fuzz/,$(FUZZERS))
-include $(wildcard build/fuzz/src/*.d)
