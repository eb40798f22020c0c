# What a library that was configured with --report-static=yes adds to an exec of a dynamic program.
bench-exec: build/libogrt.so
	@test "$(report_static)" = yes || { echo "bench-exec: this library was not configured with --report-static=yes" >&2; exit 1; }
	@$(CC) -O2 $(source_dir)/bench/exec_cost.c -o build/exec_cost
	OGRT_ACTIVE=yes LD_PRELOAD=$(CURDIR)/build/libogrt.so build/exec_cost /bin/true

.PHONY: bench-exec
