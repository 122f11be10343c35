#!/usr/bin/env python3
"""Loads `slipway sim serve` over kept-alive connections and prints requests per second.

    slipway sim serve --port 5599 --scenario world.yml &     # with `throttling: off`
    tools/sim_load.py 5599 --connections 50 --requests 20000 --operation DescribeServices \\
        --body '{"cluster":"prod","services":["web","api","worker"]}'
"""

import argparse
import selectors
import socket
import time


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("port", type=int)
    arguments.add_argument("--connections", type=int, default=50)
    arguments.add_argument("--requests", type=int, default=20000)
    arguments.add_argument("--operation", default="DescribeServices")
    arguments.add_argument("--body", default='{"cluster":"prod","services":["web","api","worker"]}')
    options = arguments.parse_args()

    request = (
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\n"
        f"X-Amz-Target: AmazonEC2ContainerServiceV20141113.{options.operation}\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=LOAD/20260101/eu-west-1/ecs/aws4_request, "
        "SignedHeaders=host, Signature=0\r\n"
        f"Content-Length: {len(options.body)}\r\n\r\n{options.body}"
    ).encode()

    selector = selectors.DefaultSelector()
    for _ in range(options.connections):
        connection = socket.create_connection(("127.0.0.1", options.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())

    begun = time.perf_counter()
    sent = received = failed = 0
    for key in list(selector.get_map().values()):
        key.fileobj.send(request)
        sent += 1
    while received < sent:
        for key, _ in selector.select():
            buffer = key.data
            buffer += key.fileobj.recv(65536)
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                continue
            at = buffer.index(b"Content-Length: ") + 16
            length = int(buffer[at : buffer.index(b"\r", at)])
            if len(buffer) < end + 4 + length:
                continue
            failed += not buffer.startswith(b"HTTP/1.1 200")
            del buffer[: end + 4 + length]
            received += 1
            if sent < options.requests:
                key.fileobj.send(request)
                sent += 1
    seconds = time.perf_counter() - begun
    print(f"{received} requests on {options.connections} connections in {seconds:.2f} s: "
          f"{received / seconds:.0f}/s, {failed} not 200")


if __name__ == "__main__":
    main()
