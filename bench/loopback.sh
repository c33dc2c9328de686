#!/bin/sh
# ./dev bench loopback [options]: kernel TCP, Unix sockets, a bare ring and Oriel's two loopback paths.
exec build/release/bin/oriel bench loopback "$@"
