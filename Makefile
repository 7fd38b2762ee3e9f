# Longer checks that need files from outside; the everyday commands are ./dev serve and ./dev test.
.PHONY: conformance wpt bench fuzz

# make conformance SRC=<checkout of the reference's repository>
conformance:
	.venv/bin/python tools/conformance.py $(SRC) $(ARGS)

# make wpt SRC=<folder with the Web Platform Tests' files>
wpt:
	.venv/bin/python tools/wpt.py $(SRC) $(ARGS)

bench:
	bench/run $(ARGS)

fuzz:
	.venv/bin/python tests/fuzz/http_fuzz.py $(ARGS)

# make fuzz-api ARGS="100 1 5000": seeds, the first, calls with each
.PHONY: fuzz-api
fuzz-api:
	.venv/bin/python tests/fuzz/api_fuzz.py $(ARGS)
