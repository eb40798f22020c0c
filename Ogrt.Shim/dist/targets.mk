# ogrt-shim-VERSION.tar.gz and .tar.xz, from which the library is built without the rest of the project.
dist:
	@sh $(source_dir)/dist/dist.sh $(source_dir) $(VERSION) $(CURDIR)

.PHONY: dist
