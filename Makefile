# The front door. `make demo` and `make test` do everything on a fresh machine.

BUILD := build/release
JOBS ?= $(shell nproc)

.PHONY: all build static deb wheel setup demo test test-full test-cross test-asan bench fuzz lint pictures install clean

all: build

setup:
	@scripts/setup build

build: setup
	@cmake --preset release > /dev/null
	@cmake --build $(BUILD) --parallel $(JOBS) --target tv2onnx_cli

# The program as one file that needs the C library alone: build/release/static/tv2onnx.
static: setup
	@cmake --preset release > /dev/null
	@cmake --build $(BUILD) --parallel $(JOBS) --target tv2onnx_static

# A Debian package of all that `make install` installs.
deb:
	@scripts/setup build deb
	@cmake --preset release -B build/deb -DTV2ONNX_TESTS=OFF > /dev/null
	@cmake --build build/deb --parallel $(JOBS)
	cd build/deb && cpack -G DEB

# The Python package, into build/wheel: of what `make test` has built, else of the sources.
wheel:
	@scripts/setup build python
	scripts/build_wheel build/wheel $(wildcard $(BUILD)/python/_core.*.so)

demo: build
	@scripts/demo

# Everything that CI runs.
test:
	@scripts/setup build python test lint page
	cmake --preset release -DTV2ONNX_PYTHON=ON
	cmake --build $(BUILD) --parallel $(JOBS)
	scripts/lint
	ctest --preset release --parallel $(JOBS)

# Also the doctor on files of torch.onnx.export, all live detectors at eight image sizes, every
# builder's model at its own size, lists of images on a Slurm and an MPI of its own, and the newest
# torchvision of Debian (needs root); takes more than two hours on two cores.
test-full: test
	@scripts/setup cluster
	ctest --test-dir $(BUILD) -L full --output-on-failure
	printf '%s\n' 0/2 1/2 | OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 xargs -P $(JOBS) -n 1 \
	  /usr/bin/python3 tests/gen/live_detectors.py $(BUILD)/live --full
	$(BUILD)/tests/tv2onnx_live_tests
	scripts/full_parity
	scripts/oracle_parity

# The programs for Windows and for Linux on ARM, under wine and qemu-user; says what it skips, and why.
test-cross: build
	@scripts/test_cross $(BUILD)/tv2onnx

test-asan:
	@scripts/setup build test
	cmake --preset asan-ubsan
	cmake --build build/asan-ubsan --parallel $(JOBS)
	LSAN_OPTIONS=suppressions=$(CURDIR)/scripts/leaks.supp:print_suppressions=0 \
	  ctest --preset asan-ubsan --parallel $(JOBS)

bench: build
	@scripts/setup bench
	bench/run

fuzz:
	@scripts/setup build fuzz
	cmake --preset fuzz -DCMAKE_CXX_COMPILER=clang++-$$(scripts/clang-version)
	cmake --build build/fuzz --parallel $(JOBS) --target fuzzers
	fuzz/campaign

lint:
	@scripts/setup build lint
	cmake --preset release > /dev/null
	scripts/lint --all

# The pictures of README and docs/doctor.md, from runs of this version.
pictures: build
	@scripts/setup bench
	/usr/bin/python3 scripts/make_pictures.py
	/usr/bin/python3 scripts/make_doctor_pictures.py

install: build
	cmake --install $(BUILD)

clean:
	rm -rf build
