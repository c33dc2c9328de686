// One Oriel host for one job: what the verbs of the test program share.
//
// It sees only the public API, as a program of a user would. Every verb says "ready" on standard
// error once a peer may speak to it, and gives the exit code: 0 when all was as it must be.
#pragma once

#include <oriel/host.h>

#include <string>
#include <vector>

namespace oriel::interop {

/// What stands behind the link and the addresses on the command line.
using Words = std::vector<std::string>;

/// "ready": the peer may begin.
void say_ready();

/// Prints the sentence; gives 1.
int fail_with(const std::string& what, const Error& error);

int send_file(Host& host,
              const Words& words);  ///< ENDPOINT FILE: connects, sends, waits for the peer's end
int receive_file(Host& host,
                 const Words& words);  ///< PORT FILE: accepts one, writes until the peer closes
int short_client(
    Host& host,
    const Words& words);  ///< ENDPOINT COUNT: connects, asks, compares the answer, closes
int short_server(Host& host,
                 const Words& words);  ///< PORT COUNT: answers what each asks, waits for its end

int udp_echo(Host& host,
             const Words& words);  ///< PORT: sends each datagram back, until it is ended
int udp_ask(Host& host,
            const Words& words);  ///< ENDPOINT BYTES COUNT: each answer must equal what was asked
int window(Host& host,
           const Words& words);  ///< ENDPOINT host|shift-two|no-scaling: reads as it is told
int ping(Host& host, const Words& words);  ///< ADDRESS BYTES COUNT
int idle(Host& host,
         const Words& words);  ///< answers what a host answers by itself, until it is ended

}  // namespace oriel::interop
