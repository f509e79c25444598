"""A time server: the machine's own clock, or one that is wrong by so many seconds (SNTP, RFC 4330).

A stand-in: a real one cannot be made to lie without the clock of the machine.  Run on a host, with ADDRESS and SECONDS.
"""
import socket
import struct
import sys
import time

SINCE_1900 = 2208988800


def stamp(seconds):
    """Seconds since 1970 as NTP writes them."""
    return struct.pack('!II', int(seconds) + SINCE_1900, int(seconds % 1 * 2 ** 32))


def main(address, wrong_s):
    """Answer for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((address, 123))
        while True:
            asked, client = one.recvfrom(512)
            now = stamp(time.time() + wrong_s)
            # Version 4, server, stratum 1; when it was set, when the question came, when the answer goes.
            one.sendto(struct.pack('!4B', 0x24, 1, 6, 0xec) + bytes(8) + b'LOCL' + now + asked[40:48] + now + now,
                       client)


if __name__ == '__main__':
    main(sys.argv[1], float(sys.argv[2]))
