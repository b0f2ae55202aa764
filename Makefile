# libtunnel: a library and two programs that carry byte streams through HTTP
# proxies.  Targets: all check check-san check-portability analyse coverage mutate
# compare fuzz fuzz-afl bench bench-ffi soak demo deps deps-portability
# amalgamation completions html install uninstall dist clean.

VERSION = 0.1.0
SOVERSION = 0

# Where it is installed: GNU's names, and some of them in capitals.
prefix = /usr/local
PREFIX = $(prefix)
exec_prefix = $(PREFIX)
bindir = $(exec_prefix)/bin
libdir = $(exec_prefix)/lib
includedir = $(PREFIX)/include
datarootdir = $(PREFIX)/share
datadir = $(datarootdir)
mandir = $(datarootdir)/man
BINDIR = $(bindir)
LIBDIR = $(libdir)
INCLUDEDIR = $(includedir)
MANDIR = $(mandir)
DESTDIR =
INSTALL = install

CC = cc
AR = ar
CFLAGS = -O2 -g
LDFLAGS =
WARN = -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla

BUILD = build

# HARDEN=1 has the compiler check what it can at run time, as distributions have
# it by flags of their own; CFLAGS has to optimise.
ifeq ($(HARDEN),1)
HARD = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE \
	$(if $(filter x86_64% i386% i486% i586% i686%,$(shell $(CC) -dumpmachine)), \
	-fcf-protection)
NOW = -Wl,-z,relro,-z,now
PIE = -pie $(NOW)
endif


# make -f .../Makefile: what is made comes into a build of the directory that one
# is in, by the rules below, which are for the one where the sources are.
HERE := $(realpath $(dir $(lastword $(MAKEFILE_LIST))))
ifneq ($(HERE),$(realpath $(CURDIR)))
.PHONY: there $(or $(MAKECMDGOALS),all)
$(or $(MAKECMDGOALS),all): there ;
there:
	@$(MAKE) --no-print-directory -C $(HERE) BUILD=$(abspath $(BUILD)) \
		$(MAKECMDGOALS)
else

# What a build needs besides the user's own flags.  Files and times are of 64 bits
# on processors of 32, too, where glibc knows how: else what has a large inode, or
# a log past 2 GiB, cannot be opened.
BASE := -std=c99 -pedantic -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 \
	-D_TIME_BITS=64 -Iinclude -pthread $(HARD)

# The same bytes wherever the sources are.  A debugger that is started in their
# directory finds them.
BASE += $(shell $(CC) -ffile-prefix-map=/a=/b -E -x c /dev/null > /dev/null 2>&1 \
	&& echo '-ffile-prefix-map=$(CURDIR)=.')

CORE = address alloc answer ascii auth authority base64 basic body buf \
	challenge claim client digest emit external field flow forward \
	forward_answer forward_end forward_loss forward_reply forward_request \
	forward_setup framing guard hash head hmac hop inquiry judge md4 md5 nonces \
	ntlm ntlm_key ntlm_message outbox passage pool preface proof pump recast \
	refusal reply request ring scheme server sha256 sha512 socks socks_message \
	status target tuning url user_table users utf16 watch
NET = arrival bypass carrier census chain crew departure dial dialling face \
	foreign heap hops io_fd link link_forward listener loop loop_poll opening \
	passing policy proxy query race random relay resolve route rule session \
	settings sides socket speech stages stream tasks timer upstream watches \
	worker

# What the system has for waiting on many descriptors, besides poll(2).
SYSTEM := $(shell uname -s)
ifeq ($(SYSTEM),Linux)
NET += loop_epoll io_splice cores_linux socket_linux
BASE += -DTNL_EPOLL
else ifneq ($(filter %BSD DragonFly Darwin,$(SYSTEM)),)
NET += loop_kqueue
BASE += -DTNL_KQUEUE
endif
ifneq ($(SYSTEM),Linux)
NET += io_nosplice cores_posix socket_posix
endif
# Sockets that the kernel joins: OpenBSD, and FreeBSD since 15.
JOINS := $(if $(filter %BSD,$(SYSTEM)),$(shell \
	grep -s 'define.*SO_SPLICE' /usr/include/sys/socket.h))
NET += $(if $(JOINS),io_join_sosplice,io_nojoin)

HEADERS = $(sort $(wildcard include/*.h include/tunnel/*.h))
ROOMS = $(CORE:%=core/%) $(NET:%=net/%)
OBJ = $(ROOMS:%=$(BUILD)/obj/%.o)
PIC = $(ROOMS:%=$(BUILD)/pic/%.o)

STATIC = $(BUILD)/libtunnel.a
SHARED = $(BUILD)/libtunnel.so
PROGRAMS = $(BUILD)/tunnel-connect $(BUILD)/tunnel-proxy
# What makes tunnel-connect of use to others.
SCRIPTS = examples/git-through examples/smtp-through
# Programs on the same primitives, with a page each.
GATEWAYS = $(BUILD)/cgi-gateway $(BUILD)/ftp-gateway
# The declarations alone, for LuaJIT and cffi.
CDEF = $(BUILD)/tunnel.cdef
# To be read rather than installed.
EXAMPLES = $(BUILD)/minimal-proxy $(BUILD)/asking-proxy $(BUILD)/blind-relay
# What tunnel-proxy can load; and so it has the whole library, to be seen by that.
EXTENSION = $(BUILD)/extension.so
WHOLE = $(if $(filter Darwin,$(SYSTEM)),-Wl$(COMMA)-force_load$(COMMA)$(STATIC), \
	-rdynamic -Wl$(COMMA)--whole-archive $(STATIC) -Wl$(COMMA)--no-whole-archive)
COMMA = ,

# Where dlopen(3), by which the programs find GSSAPI, is in a library of its own,
# or once was.
LIBDL = $(if $(filter Linux SunOS,$(SYSTEM)),-ldl)

# What tunnel-proxy locks itself in with.
SANDBOX = calls landlock linux privileges
COMMON_SRC = $(sort $(wildcard examples/common_*.c))
CONNECT_SRC = examples/tunnel-connect.c $(sort $(wildcard examples/connect_*.c)) \
	$(if $(filter Linux,$(SYSTEM)),examples/sandbox_privileges.c, \
	examples/sandbox_none.c)
PROXY_SRC = examples/tunnel-proxy.c $(sort $(wildcard examples/proxy_*.c)) \
	$(if $(filter Linux,$(SYSTEM)),$(SANDBOX:%=examples/sandbox_%.c), \
	examples/sandbox_none.c)
GATEWAY_SRC = $(sort $(wildcard examples/gateway_*.c)) examples/common_net.c \
	examples/common_opt.c examples/common_say.c
CGI_SRC = examples/cgi-gateway.c $(sort $(wildcard examples/cgi_*.c))
FTP_SRC = examples/ftp-gateway.c $(sort $(wildcard examples/ftp_*.c)) \
	examples/common_base64.c examples/common_secret.c
program_obj = $(patsubst examples/%.c,$(BUILD)/obj/examples/%.o,$(1))

# What is tested of a program by itself, with bytes alone.
FTP_ROOMS = examples/ftp_list.c examples/ftp_login.c examples/ftp_page.c \
	examples/ftp_path.c examples/ftp_range.c examples/ftp_reply.c \
	examples/ftp_status.c examples/ftp_steps.c examples/ftp_talk.c \
	examples/ftp_time.c examples/common_base64.c examples/common_secret.c

# test_loop_uv runs our loop inside libuv's, where there is one.
LIBUV := $(shell pkg-config --exists libuv 2> /dev/null && echo yes)
LEFT_OUT = $(if $(LIBUV),,test_loop_uv)
TEST_SRC = $(filter-out $(LEFT_OUT:%=tests/%.c),$(wildcard tests/test_*.c))
HELPER_SRC = $(wildcard tests/helper_*.c)
TESTS = $(TEST_SRC:tests/%.c=$(BUILD)/tests/%)
$(BUILD)/tests/test_loop_uv: LIBRARIES = -luv

# The tests as objects, which any build of the library is linked to.
TEST_OBJ = $(BUILD)/tests
HELPERS = $(HELPER_SRC:tests/%.c=$(TEST_OBJ)/%.o)
BENCH_OBJ = $(patsubst tests/%.c,$(BUILD)/obj/%.o, \
	$(filter-out %/ffi.c, $(wildcard tests/bench/*.c)))
PYTHON = python3

VERSION_NUMBER := $(shell echo $(VERSION) | \
	awk -F. '{ print $$1 * 65536 + $$2 * 256 + $$3 }')

.PHONY: all lib unit-tests check check-unit check-e2e check-gates check-san \
	check-portability analyse coverage mutate compare fuzz fuzz-afl bench \
	bench-ffi soak demo deps deps-portability amalgamation completions html \
	install uninstall dist clean binaries

all: lib binaries

binaries: $(PROGRAMS) $(EXAMPLES) $(GATEWAYS) $(EXTENSION)

lib: $(STATIC) $(SHARED) $(CDEF)

$(BUILD)/obj/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) -Ilib -DTNL_VERSION=$(VERSION_NUMBER)u $(TUNE) \
		$(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/pic/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) -Ilib -DTNL_VERSION=$(VERSION_NUMBER)u $(TUNE) \
		$(CPPFLAGS) $(CFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(BUILD)/obj/examples/%.o: examples/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(STATIC): $(OBJ)
	rm -f $@
	$(AR) rcsD $@ $(OBJ) 2> /dev/null || { rm -f $@; $(AR) rcs $@ $(OBJ); }

$(SHARED).$(VERSION): $(PIC) lib/libtunnel.sym
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(NOW) -shared -Wl,-soname,libtunnel.so.$(SOVERSION) \
		-Wl,--version-script=lib/libtunnel.sym -o $@ $(PIC)

$(CDEF): $(HEADERS)
	@mkdir -p $(@D)
	$(CC) -std=c99 -E -P -Iinclude include/tunnel.h > $@.new
	mv $@.new $@

$(SHARED): $(SHARED).$(VERSION)
	ln -sf libtunnel.so.$(VERSION) $(SHARED).$(SOVERSION)
	ln -sf libtunnel.so.$(SOVERSION) $@

# What a plain start of tunnel-connect runs through.  It lies together in the
# program, what it writes to first, as each page that is touched is a fault more
# and memory that is not shared.
START = $(addprefix examples/,tunnel-connect common_net common_opt \
	common_private common_secret connect_ask connect_config \
	connect_credentials connect_dial connect_environment connect_hop \
	connect_option connect_page connect_report connect_say connect_symptom \
	connect_target connect_tunnel connect_way \
	$(if $(filter Linux,$(SYSTEM)),sandbox_privileges)) \
	$(addprefix core/,address alloc ascii auth authority body buf client \
	digest emit external field flow head inquiry ntlm outbox pump refusal \
	request ring status tuning url watch) \
	$(filter $(addprefix net/,bypass dial heap hops io_fd io_splice link loop \
	loop_poll query race relay resolve route sides socket socket_linux \
	socket_posix stream tasks timer watches),$(ROOMS))
START_OBJ = $(START:%=$(BUILD)/obj/%.o)

$(BUILD)/tunnel-connect: $(call program_obj,$(CONNECT_SRC) $(COMMON_SRC)) \
		$(STATIC)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(PIE) -o $@ $(START_OBJ) \
		$(filter-out $(START_OBJ),$^) $(LIBDL)

$(BUILD)/tunnel-proxy: $(call program_obj,$(PROXY_SRC) $(COMMON_SRC)) $(STATIC)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(PIE) -o $@ $(filter-out $(STATIC),$^) \
		$(WHOLE) $(LIBDL)

$(EXTENSION): examples/extension.c examples/proxy_extension.h $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) $(CPPFLAGS) $(CFLAGS) -fPIC $(LDFLAGS) $(NOW) -shared \
		$(if $(filter Darwin,$(SYSTEM)),-undefined dynamic_lookup) -o $@ $<

$(EXAMPLES): $(BUILD)/%: $(BUILD)/obj/examples/%.o $(STATIC)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(PIE) -o $@ $^

$(BUILD)/cgi-gateway: $(call program_obj,$(CGI_SRC) $(GATEWAY_SRC)) $(STATIC)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(PIE) -o $@ $^

$(BUILD)/ftp-gateway: $(call program_obj,$(FTP_SRC) $(GATEWAY_SRC)) $(STATIC)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(PIE) -o $@ $^

# ---- tests ---------------------------------------------------------------

$(TEST_OBJ)/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) -Ilib -Itests $(CPPFLAGS) $(CFLAGS) -MMD -MP \
		-c -o $@ $<

$(filter $(BUILD)/tests/test_ftp_%,$(TESTS)): $(call program_obj,$(FTP_ROOMS))
$(filter $(BUILD)/tests/test_cgi_%,$(TESTS)): $(call program_obj,\
	examples/cgi_head.c examples/cgi_spawn.c)

$(BUILD)/tests/test_%: $(TEST_OBJ)/test_%.o $(HELPERS) $(STATIC)
	@mkdir -p $(@D)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBRARIES)

$(BUILD)/tests/demo_peer: tests/demo_peer.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

# As many at a time as there are processors, for what check builds.
JOBS := $(shell getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)

check:
	@$(MAKE) -j$(JOBS) all
	@BUILD=$(BUILD) MAKE=$(MAKE) CC='$(CC)' PYTHON='$(PYTHON)' \
		sh tests/check.sh unit tiny posix one hard gates e2e

# The same tests under the sanitizers, with each compiler that is there.
check-san:
	@MAKE=$(MAKE) PYTHON='$(PYTHON)' sh tests/check_san.sh

# On other compilers, machines and systems, as far as they are here: all, or PARTS,
# those that tests/portability.sh names.
PARTS =

check-portability:
	@BUILD=$(BUILD) MAKE=$(MAKE) PYTHON='$(PYTHON)' \
		sh tests/portability.sh $(PARTS)

deps-portability:
	@BUILD=$(BUILD) sh tests/deps_portability.sh

# What compilers, analysers and valgrind find: all, or PARTS, those that
# tests/analyse.sh names.
analyse:
	@MAKE=$(MAKE) PYTHON='$(PYTHON)' BASE='$(BASE)' ROOMS='$(ROOMS)' \
		sh tests/analyse.sh $(PARTS)

# How much of the library the tests run; fails below the thresholds.
coverage:
	@MAKE=$(MAKE) PYTHON='$(PYTHON)' sh tests/check_coverage.sh

# Whether they would notice a mistake in the core: SAMPLE of those that can be made,
# or all; SEED=N for others; of these FILES alone.
SAMPLE = 400
FILES =

mutate:
	@BASE='$(BASE) -DTNL_VERSION=$(VERSION_NUMBER)u' CORE='$(CORE)' \
		MAKE=$(MAKE) SAMPLE='$(SAMPLE)' SEED='$(SEED)' JOBS='$(JOBS)' \
		FILES='$(FILES)' $(PYTHON) tests/mutate.py

unit-tests: $(TESTS)

check-unit:
	@BUILD=$(BUILD) MAKE=$(MAKE) sh tests/check.sh unit

check-gates: all
	@BUILD=$(BUILD) CC='$(CC)' sh tests/check.sh gates

check-e2e: all
	@BUILD=$(BUILD) PYTHON='$(PYTHON)' sh tests/check.sh e2e

# How long each fuzz target runs, in seconds.
SECONDS = 60

fuzz: $(STATIC)
	@BUILD=$(BUILD) SECONDS=$(SECONDS) BASE='$(BASE)' ROOMS='$(ROOMS)' \
		sh tests/fuzz/run.sh

fuzz-afl: $(STATIC)
	@BUILD=$(BUILD) SECONDS=$(SECONDS) BASE='$(BASE)' ROOMS='$(ROOMS)' \
		ENGINE=afl sh tests/fuzz/run.sh

$(BUILD)/obj/bench/%.o: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/bench: $(BENCH_OBJ) $(STATIC)
	@mkdir -p $(@D)
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $^

# tunnel-proxy under mixed load, for so long.
MINUTES = 30

soak: $(PROGRAMS)
	@TUNNEL_BUILD=$(BUILD) $(PYTHON) tests/e2e/soak.py $(MINUTES) $(SEED)

# What the benchmark is told: BENCH='--cores 2 --json FILE', say.
BENCH =

bench: $(BUILD)/tests/bench $(BUILD)/tunnel-proxy
	@$(BUILD)/tests/bench --proxy $(BUILD)/tunnel-proxy $(BENCH)

# What calls cost from other languages.
bench-ffi: lib
	@BUILD=$(BUILD) PYTHON='$(PYTHON)' sh tests/bench/ffi.sh

# What other programs do, beside ours: the table of README.
compare: $(PROGRAMS)
	@TUNNEL_BUILD=$(BUILD) $(PYTHON) tests/e2e/compare.py

demo: $(PROGRAMS) $(BUILD)/tests/demo_peer
	@BUILD=$(BUILD) sh tests/demo.sh

deps:
	@sh tests/deps.sh

# ---- amalgamation --------------------------------------------------------

# The rooms of other systems are in it as well, each for its own.
AMALGAM = $(BUILD)/amalgamation
EVERYWHERE = loop_epoll io_splice cores_linux socket_linux loop_kqueue \
	io_nosplice cores_posix socket_posix

amalgamation: $(AMALGAM)/core/tunnel.c $(AMALGAM)/net/tunnel.c

$(AMALGAM)/core/tunnel.c: lib/amalgamate.py $(CORE:%=lib/core/%.c) $(HEADERS) \
		$(wildcard lib/core/*.h)
	$(PYTHON) $< $(VERSION) $(@D) $(CORE:%=core/%)

$(AMALGAM)/net/tunnel.c: lib/amalgamate.py $(ROOMS:%=lib/%.c) $(HEADERS) \
		$(wildcard lib/core/*.h lib/net/*.h)
	$(PYTHON) $< $(VERSION) $(@D) $(CORE:%=core/%) \
		$(patsubst %,net/%,$(filter-out $(EVERYWHERE) io_join% io_nojoin, \
		$(NET)) $(EVERYWHERE) io_nojoin)

# The library made of it, for the tests.
$(AMALGAM)/tunnel.o: $(AMALGAM)/net/tunnel.c
	$(CC) -std=c99 -pedantic -pthread -Wall -Wextra $(CFLAGS) -c -o $@ $<

# ---- completions ---------------------------------------------------------

COMPLETIONS = $(foreach s,bash zsh fish,\
	$(PROGRAMS:$(BUILD)/%=examples/completions/%.$(s)))

# They are in the tree, since a program for another machine cannot be run.
completions: $(PROGRAMS)
	for f in $(COMPLETIONS:examples/completions/%=%); do \
		$(BUILD)/$${f%.*} --help | awk -v program=$${f%.*} \
		-v shell=$${f##*.} -f examples/completions/generate.awk \
		> examples/completions/$$f || exit 1; done

# ---- the manual in a browser ---------------------------------------------

html:
	sh man/html.sh $(BUILD)/html

# ---- installation --------------------------------------------------------

# Where each shell looks for the completions of what is installed.
BASHDIR = $(datadir)/bash-completion/completions
ZSHDIR = $(datadir)/zsh/site-functions
FISHDIR = $(datadir)/fish/vendor_completions.d

# Written where it goes, since the places may be named only at installation.
PC = $(DESTDIR)$(LIBDIR)/pkgconfig/libtunnel.pc

# Of section 1, the pages of what is installed.
PAGES1 = $(PROGRAMS:$(BUILD)/%=man/%.1) $(SCRIPTS:examples/%=man/%.1)
PAGES3 = $(sort $(wildcard man/*.3))
PAGES7 = $(sort $(wildcard man/*.7))
TO = $(DESTDIR)$(MANDIR)

install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(INCLUDEDIR)/tunnel $(TO)/man1 $(TO)/man3 $(TO)/man7 \
		$(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	$(INSTALL) -m 755 $(PROGRAMS) $(SCRIPTS) $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 755 $(SHARED).$(VERSION) $(DESTDIR)$(LIBDIR)
	ln -sf libtunnel.so.$(VERSION) \
		$(DESTDIR)$(LIBDIR)/libtunnel.so.$(SOVERSION)
	ln -sf libtunnel.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libtunnel.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' libtunnel.pc.in > $(PC)
	chmod 644 $(PC)
	$(INSTALL) -m 644 include/tunnel.h $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 644 include/tunnel/*.h $(DESTDIR)$(INCLUDEDIR)/tunnel
	$(INSTALL) -m 644 $(PAGES1) $(TO)/man1
	$(INSTALL) -m 644 $(PAGES3) $(TO)/man3
	$(INSTALL) -m 644 $(PAGES7) $(TO)/man7
	for p in $(PROGRAMS:$(BUILD)/%=%); do f=examples/completions/$$p; \
		$(INSTALL) -m 644 $$f.bash $(DESTDIR)$(BASHDIR)/$$p && \
		$(INSTALL) -m 644 $$f.zsh $(DESTDIR)$(ZSHDIR)/_$$p && \
		$(INSTALL) -m 644 $$f.fish $(DESTDIR)$(FISHDIR) || exit 1; done

# What was installed, by its name: others may have something like it.
uninstall:
	rm -f $(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(BINDIR)/%) \
		$(SCRIPTS:examples/%=$(DESTDIR)$(BINDIR)/%)
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/libtunnel,.a .so .so.$(SOVERSION) \
		.so.$(VERSION))
	rm -f $(PC)
	rm -f $(HEADERS:include/%=$(DESTDIR)$(INCLUDEDIR)/%)
	-rmdir $(DESTDIR)$(INCLUDEDIR)/tunnel
	rm -f $(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(BASHDIR)/%) \
		$(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(ZSHDIR)/_%) \
		$(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(FISHDIR)/%.fish)
	rm -f $(PAGES1:man/%=$(TO)/man1/%) $(PAGES3:man/%=$(TO)/man3/%) \
		$(PAGES7:man/%=$(TO)/man7/%)

# Only what git tracks, under one directory, the same bytes every time.
# No pipe, for of that make sees the last command's failure alone.
TARBALL = $(BUILD)/libtunnel-$(VERSION).tar

dist:
	@mkdir -p $(BUILD)
	git -c tar.umask=0022 archive --prefix=libtunnel-$(VERSION)/ -o $(TARBALL) HEAD || \
		{ rm -f $(TARBALL); exit 1; }
	gzip -n -9 -f $(TARBALL)

clean:
	rm -rf $(BUILD)

-include $(OBJ:.o=.d) $(PIC:.o=.d) $(TEST_SRC:tests/%.c=$(TEST_OBJ)/%.d) \
	$(HELPERS:.o=.d) \
	$(BENCH_OBJ:.o=.d) $(wildcard $(BUILD)/obj/examples/*.d)

endif
