# Everything a newcomer runs. Each target installs what it needs and can be the first one run.

SWIFT  ?= swift
PREFIX ?= /usr/local
RELEASE = .build/release/drydock

.PHONY: demo test page-test capture-test page-lint peers fuzz bench instructions format lint traces xv6 docs \
  release install sqlite qemu valgrind chromium tshark clean

# With the tool as it is, if it is up to date; else as the tests build it, which takes half the time of
# a release build.
DEBUG = .build/debug/drydock
demo: sqlite
	@if [ -x $(RELEASE) ] && \
	    [ -z "$$(find Package.swift Plugins Sources -newer $(RELEASE) -print -quit)" ]; then \
	  Scripts/demo $(RELEASE); \
	else \
	  Scripts/quietly 'Building drydock' .build/demo-build.log \
	    $(SWIFT) build --product drydock && Scripts/demo $(DEBUG); \
	fi

test: sqlite
	@Scripts/test $(SWIFT) test

# The pages in a real browser, which `make test` leaves out, and says so, where there is none.
page-test: sqlite chromium
	@Scripts/test $(SWIFT) test --filter CommandTests.Page

# Captures of what sessions sent, read by tshark; `make test` leaves that out where there is none.
capture-test: sqlite tshark
	@Scripts/test $(SWIFT) test --filter CommandTests.PacketExportTests

# Sessions in the hands of other tools: Datasette, sqlite-utils, Perfetto's and Chrome's formats, and
# a reader made from docs/trace-format.md alone.
PEERS = .build-peers
peers: release $(PEERS)/installed
	DRYDOCK=$(RELEASE) $(PEERS)/bin/python -m pytest -q -p no:cacheprovider Tests/Peers

$(PEERS)/installed: Tests/Peers/requirements.txt
	@python3 -c 'import ensurepip' 2>/dev/null || $(call APT,python3 python3-venv)
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: release qemu
	$(SWIFT) run -c release --package-path Benchmarks bench all

# Host instructions for one of the guest's, held against the committed figures, with `RENEW=1` kept as
# the new ones.
instructions: release valgrind
	@Scripts/instructions $(RELEASE) $(if $(RENEW),renew)

# Random calls from many processes, with the invariants watching, and mutated input for everything
# that reads a file: make fuzz SECONDS=60. A third of the time goes to the readers and the defects.
SECONDS ?= 60
FUZZ = .build/release/fuzz
fuzz: sqlite
	$(SWIFT) build -c release --product fuzz
	$(FUZZ) programs --seconds $$(($(SECONDS) * 2 / 3))
	for what in elf symbols yaml json tar trace pages defects; do \
	  $(FUZZ) $$what --seconds $$(($(SECONDS) / 24)) || exit 1; \
	done

# Somebody's own checkout of xv6-riscv: its usertests, grind and forktest, recorded, replayed, verified
# and timed: make xv6 XV6=path/to/xv6-riscv
xv6: release
	@Scripts/xv6 "$(XV6)" $(RELEASE)

format:
	$(SWIFT) format --in-place --recursive $(SWIFT_SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive $(SWIFT_SOURCES)

# The page's scripts and styles, by Biome, which is a program in a Python package.
PAGE_LINT = .build-page-lint
page-lint: $(PAGE_LINT)/installed
	@Scripts/lint-page $(PAGE_LINT)/bin/biome

$(PAGE_LINT)/installed: Scripts/lint-page.txt
	@python3 -c 'import ensurepip' 2>/dev/null || $(call APT,python3 python3-venv)
	python3 -m venv $(PAGE_LINT)
	$(PAGE_LINT)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Records every scenario anew. The recordings are what later builds have to replay, so that this
# belongs into the same commit as the change of format or kernel that made it necessary.
traces: release
	@Scripts/record-traces $(RELEASE)

# Makes the pages anew that are made from what they describe.
docs: release
	$(RELEASE) docs schema > docs/schema.md
	$(RELEASE) docs reference > docs/reference.md
	for page in README docs/cookbook docs/tutorial docs/perfetto docs/containers docs/scheduling; do \
	  $(RELEASE) docs answers $$page.md > $$page.new && mv $$page.new $$page.md || exit 1; \
	done

release: sqlite
	$(SWIFT) build -c release --product drydock

SHARE = $(DESTDIR)$(PREFIX)/share

install: release
	install -D $(RELEASE) $(DESTDIR)$(PREFIX)/bin/drydock
	mkdir -p $(SHARE)/man/man1 $(SHARE)/bash-completion/completions \
	  $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	$(RELEASE) docs man > $(SHARE)/man/man1/drydock.1
	$(RELEASE) --generate-completion-script bash > $(SHARE)/bash-completion/completions/drydock
	$(RELEASE) --generate-completion-script zsh > $(SHARE)/zsh/site-functions/_drydock
	$(RELEASE) --generate-completion-script fish > $(SHARE)/fish/vendor_completions.d/drydock.fish

SWIFT_SOURCES = Package.swift Sources Plugins Tests Benchmarks/Package.swift Benchmarks/Sources

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Puts Debian's packages on the machine.
APT = Scripts/quietly 'Installing $(1)' .build/install.log \
  sh -c '$(SUDO) apt-get update && \
    $(SUDO) env DEBIAN_FRONTEND=noninteractive \
      apt-get install --yes --no-install-recommends $(1)'

# SQLite's header, for GRDB.
sqlite:
	@[ -e /usr/include/sqlite3.h ] || $(call APT,libsqlite3-dev)

# The emulator that ours is compared with, in the benchmarks and in the tests that find it.
qemu:
	@command -v qemu-riscv64 >/dev/null || $(call APT,qemu-user)

# What reads captures of packets.
tshark:
	@command -v tshark >/dev/null || $(call APT,tshark)

# What counts the instructions of the host.
valgrind:
	@command -v valgrind >/dev/null || $(call APT,valgrind)

# The browser that opens the pages in the tests.
chromium:
	@command -v chromium >/dev/null || $(call APT,chromium)

clean:
	rm -rf .build .build-peers .build-page-lint Benchmarks/.build
