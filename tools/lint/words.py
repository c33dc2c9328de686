"""Words in their places: Windows names at the edge, clocks and threads in runtime, RFC names in the core."""
import re

from layers import is_level_7

WINDOWS = re.compile(
    r"\b(BYTE|WORD|DWORD|ULONG|UCHAR|SOCKET|HANDLE|BOOL|LPVOID|PVOID|LPDWORD|OVERLAPPED|LPOVERLAPPED|WSABUF|"
    r"NTSTATUS|P?IRP|P?MDL|STATUS_[A-Z][A-Z_]+|WSA[A-Z]\w*|Wsk[A-Z]\w*|WSP[A-Z]\w*|SIO_[A-Z]\w*|SOCKET_ERROR|"
    r"INVALID_SOCKET|FD_(?:READ|WRITE|CLOSE|ACCEPT|CONNECT|OOB))\b")
WINDOWS_PLACES = ("include/win32/", "src/win32/", "src/winsock/", "src/wdm/", "src/wsk/", "src/wfp/", "tests/api_", "bench/micro/winsock_calls", "bench/micro/wsk_calls", "bench/macro/wsk_receiver", "bench/support/wsk_irp", "tests/fuzz/fuzz_winsock", "tests/install/outside/winsock",
                  "tests/install/outside/wsk", "examples/win", "examples/wsk", "tools/oriel/bench_winsock")

CLOCKS = re.compile(
    r"\b(std::chrono::(?:steady|system|high_resolution|utc)_clock|(?:steady|system|high_resolution)_clock::now|"
    r"clock_gettime|gettimeofday|clock_nanosleep|nanosleep|usleep|sleep_for|sleep_until|getrandom|"
    r"std::random_device|timerfd_create)\b|\bsleep\(|\brand\(\)|\btime\((?:NULL|nullptr)\)")
THREADS = re.compile(
    r"\b(std::(?:jthread|thread|(?:recursive_|shared_|timed_)?mutex|condition_variable(?:_any)?|lock_guard|"
    r"unique_lock|shared_lock|scoped_lock|call_once|once_flag|this_thread|future|promise|async|barrier|latch|"
    r"counting_semaphore|binary_semaphore)|pthread_\w+|thread_local|SYS_futex)\b")
ATOMICS = re.compile(r"\bstd::atomic\w*\b")

# Where each may stand, with the reason. A new place is a decision: add it here in the same change.
CLOCK_PLACES = {
    "src/runtime/": "the one home of clocks, threads and randomness",
    "bench/": "measures real time",
    "tests/interop/": "has a real peer",
}
THREAD_PLACES = {
    "src/runtime/": "the one home of clocks, threads and randomness",
    "src/stack/runner": "the thread of a host with its own clock",
    "src/stack/deferred_test": "asks which thread ran what was deferred",
    "src/stack/real_time_test": "several threads against one such host",
    "src/stack/parked_test": "threads that wait elsewhere and work for one such host",
    "src/wfp/engine_state": "objects belong to the process",
    "src/stack/process_host": "one for all threads of the process, and its hooks of exit and fork",
    "src/loopback/": "two processes share memory",
    "src/link/tun_test.cc": "a network namespace belongs to a thread",
    "bench/": "measures real time",
    "src/win32/last_error.cc": "one word a thread",
    "src/wdm/": "IRQL is a word of each thread; spin locks, packets and objects are shared",
    "src/win32/handle_table_test.cc": "several threads at one table",
    "src/win32/io_completion_test.cc": "another thread completes",
    "src/winsock/lane_cache.cc": "lanes that a thread remembers",
    "src/wsk/way_past.cc": "likewise",
    "src/winsock/quiet_poll.cc": "the last look of a thread",
    "src/winsock/thread_state.cc": "answers of gethostbyname belong to a thread",
    "src/winsock/spi_stream_test.cc": "calls that block, and others that end them",
    "src/winsock/spi_race_test.cc": "several threads at one socket",
    "tests/interop/": "has a real peer",
    "tests/sim/sim_seeds.cc": "runs many seeds side by side, each in one thread",
}
ATOMIC_PLACES = dict(THREAD_PLACES, **{
    "src/stack/": "handles are shared between threads",
    "src/win32/": "Windows' objects are shared between threads",
    "src/winsock/": "so are sockets, and the count of startups",
    "src/wsk/": "so are clients and sockets of drivers",
    "src/trace/": "counters that another thread reads",
    "src/socket/lane.h": "words that another process writes",
})

NOT_OUR_NAMES = re.compile(r"\b(rwnd|local_seq|remote_seq|peer_window|seq_no|ack_no|recv_next|send_next)\b")
NOT_FILE_NAMES = re.compile(r"(^|_)(util|utils|common|helper|helpers|misc)(_|\.|$)")


def in_places(source, places):
    return any(source.path.startswith(place) for place in places)


def check_pattern(source, pattern, rule, sentence, report):
    for number, line in enumerate(source.code_lines, 1):
        found = pattern.search(line)
        if found:
            report.error(source, number, rule, f"{found.group(0)}: {sentence}")


def check(all_sources, report):
    for source in all_sources:
        if not in_places(source, WINDOWS_PLACES):
            check_pattern(source, WINDOWS, "windows-words", "Windows' words live at level 6", report)
        is_free = is_level_7(source)  # programs of level 7 may read clocks as they like
        if not is_free and not in_places(source, CLOCK_PLACES):
            check_pattern(source, CLOCKS, "clocks", "time and randomness come in as arguments", report)
        if not is_free and not in_places(source, THREAD_PLACES):
            check_pattern(source, THREADS, "threads", "threads and locks live in runtime", report)
        if not is_free and not in_places(source, ATOMIC_PLACES):
            check_pattern(source, ATOMICS, "threads", "shared state lives in runtime", report)
        if source.top == "src":
            check_pattern(source, NOT_OUR_NAMES, "names", "use the RFC's name", report)
        for part in source.parts:
            if NOT_FILE_NAMES.search(part):
                report.error(source, 1, "names", f"{part} says nothing about what is inside")
