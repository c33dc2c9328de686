"""Who may include whom: the table of ARCHITECTURE.md, and where POSIX network headers may appear."""

LEVEL_4_AND_BELOW = {"base", "wire", "tcp", "udp", "ip", "filter", "link", "runtime", "settings", "trace",
                     "socket", "loopback"}
MAY_INCLUDE = {
    "base": set(),
    "wire": {"base"},
    "tcp": {"wire", "base"},
    "udp": {"wire", "base"},
    "filter": {"wire", "base"},
    "ip": {"filter", "wire", "base"},
    "link": {"wire", "base"},
    "runtime": {"base"},
    "settings": {"base"},
    "trace": {"base"},
    "socket": {"tcp", "udp", "wire", "base"},
    "loopback": {"runtime", "base"},  # and socket/transport.h
    "stack": LEVEL_4_AND_BELOW,
    "sim": LEVEL_4_AND_BELOW | {"stack"},
    "win32": {"stack", "socket", "runtime", "base"},
    "winsock": {"win32", "stack", "socket", "runtime", "base"},
    "wfp": {"win32", "stack", "socket", "filter", "runtime", "base"},
    "wdm": {"win32", "runtime", "base"},
    "wsk": {"wdm", "win32", "stack", "socket", "runtime", "base"},
}
# link: one device tells real time (libslirp's timers), and descriptors have one kind of owner. loopback: what holders
# of a port allow each other is said in the same words between processes.
SINGLE_FILES = {"loopback": {"socket/transport.h", "socket/placeholder.h", "socket/lane.h",
                             "socket/port_space.h"},
                "link": {"runtime/clock.h", "runtime/unique_fd.h"}}
# Public headers that only speak about values; the others describe a whole host.
VOCABULARY = {"address.h", "environment.h", "error.h", "export.h", "filter.h", "filter_file.h", "link.h", "settings.h", "settings_names.h",
              "settings_store.h", "time.h", "trace.h", "version.h"}
SEE_WHOLE_API = {"stack", "sim", "win32", "winsock", "wfp", "wdm", "wsk"}

POSIX_NETWORK = ("sys/socket.h", "sys/un.h", "netinet/", "arpa/", "net/if", "netdb.h", "linux/if",
                 "linux/virtio_net.h", "netpacket/", "linux/netlink.h", "linux/rtnetlink.h")
POSIX_LAYERS = {"link", "loopback", "runtime"}
PURE_LAYERS = {"base", "wire", "tcp", "udp", "ip", "filter"}
NOT_PURE = ("sys/", "linux/", "netinet/", "arpa/", "net/", "unistd.h", "fcntl.h", "poll.h", "pthread.h",
            "signal.h", "csignal", "thread", "mutex", "condition_variable", "atomic", "future", "semaphore",
            "ctime", "time.h", "iostream", "fstream", "shared_mutex", "filesystem")
ONLY_PUBLIC = ("tools", "examples", "tests/api_", "tests/install", "tests/interop")


def is_level_7(source):
    return any(source.path.startswith(p) for p in ONLY_PUBLIC)


def check_layer_include(source, number, name, report):
    first = name.split("/")[0]
    rest = name.partition("/")[2]
    if first == "oriel":
        if rest not in VOCABULARY and source.layer not in SEE_WHOLE_API:
            report.error(source, number, "layers", f"{source.layer} is below the whole API and may not see {name}")
    elif first == "support" and source.is_unit_test:
        pass
    elif first in MAY_INCLUDE:
        allowed = MAY_INCLUDE[source.layer] | {source.layer}
        if first not in allowed and name not in SINGLE_FILES.get(source.layer, ()):
            report.error(source, number, "layers", f"{source.layer} may not include {name}")
    elif first != "win32":
        report.error(source, number, "layers", f'write "{name}" from the top: "folder/file.h"')


def check_level_7_include(source, number, name, report):
    if name.split("/")[0] in MAY_INCLUDE and "/" in name:
        report.error(source, number, "layers", f"{source.top} sees include/ only, not {name}")


def check_system_include(source, number, name, report):
    if name.startswith(POSIX_NETWORK) and source.top == "src":
        if source.layer not in POSIX_LAYERS or source.is_header:
            report.error(source, number, "posix", f"<{name}> belongs in .cc files of link, loopback and runtime")
    elif source.layer in PURE_LAYERS and not source.is_unit_test:
        for banned in NOT_PURE:
            if name == banned or (banned.endswith("/") and name.startswith(banned)):
                report.error(source, number, "pure", f"{source.layer} may not see <{name}>: no clock, lock or system")


def check(all_sources, report):
    for source in all_sources:
        if source.top == "src" and source.layer not in MAY_INCLUDE:
            report.error(source, 1, "layers", "this folder is not in the table of layers")
            continue
        for number, mark, name in source.includes():
            if mark == "<":
                check_system_include(source, number, name, report)
            elif source.top == "src":
                check_layer_include(source, number, name, report)
            elif source.top == "include" and source.path.startswith("include/oriel"):
                if not name.startswith("oriel/"):
                    report.error(source, number, "layers", f"a public header may not include {name}")
            elif is_level_7(source):
                check_level_7_include(source, number, name, report)
