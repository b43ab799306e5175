# Everything a newcomer runs. Each target installs what it needs and can be the first one run.

SWIFT  ?= swift
PREFIX ?= /usr/local
RELEASE = .build/release/drydock

.PHONY: fuzz demo test bench format lint traces release install sqlite qemu clean

demo: release
	@Scripts/demo $(RELEASE)

test: sqlite
	$(SWIFT) test

bench: release qemu
	$(SWIFT) run -c release --package-path Benchmarks bench all

# Random calls from many processes, with the invariants watching: make fuzz SECONDS=60
SECONDS ?= 60
fuzz: sqlite
	$(SWIFT) build -c release --product fuzz
	.build/release/fuzz --seconds $(SECONDS)

format:
	$(SWIFT) format --in-place --recursive $(SWIFT_SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive $(SWIFT_SOURCES)

# Records every scenario anew. The recordings are what later builds have to replay, so that this
# belongs into the same commit as the change of format or kernel that made it necessary.
traces: release
	@Scripts/record-traces $(RELEASE)

release: sqlite
	$(SWIFT) build -c release --product drydock

install: release
	install -D $(RELEASE) $(DESTDIR)$(PREFIX)/bin/drydock

SWIFT_SOURCES = Package.swift Sources Plugins Tests Benchmarks/Package.swift Benchmarks/Sources

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# SQLite's header, for GRDB.
sqlite:
	@[ -e /usr/include/sqlite3.h ] || { $(SUDO) apt-get update && \
	  $(SUDO) apt-get install --yes --no-install-recommends libsqlite3-dev; }

# The emulator that ours is compared with, in the benchmarks and in the tests that find it.
qemu:
	@command -v qemu-riscv64 >/dev/null || { $(SUDO) apt-get update && \
	  $(SUDO) apt-get install --yes --no-install-recommends qemu-user; }

clean:
	rm -rf .build Benchmarks/.build
