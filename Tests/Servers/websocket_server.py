"""A WebSocket server on two ports of 127.0.0.1, plain and TLS. Its pages:

  /                       echoes each message, as text or binary as it came
  /close?code=C&reason=R  closes at once, by default with 1000 and without a reason
  /close-after?code=C     echoes one message, then closes
  /drop                   ends the connection without a close frame, after the first message
  /push?n=N&ms=M          sends N messages "1" to "N", M ms apart, then closes with 1000
  /fragments              echoes with a fragment for each character or byte, and an empty last one
  /ping                   pings, waits for the pong, sends "pong"; for each message once more
  /big?size=N             sends one binary message of N zero bytes
  /mute                   takes the connection and never sends, reads or answers
  /headers                sends the request's fields as JSON, a list of pairs
  /reject?status=S        answers the handshake with this status, by default 403, and "no sockets here"

It takes the subprotocols chat and superchat, permessage-deflate (window bits as the client asks), and messages up to
16 MiB; a longer one is closed with 1009.
"""

import argparse
import asyncio
import json
import ssl
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

LONGEST_MESSAGE = 16 * 1_048_576
SUBPROTOCOLS = ("chat", "superchat")


class Visit:
    """A connection and what its URL asks for."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.page = parts.path
        self.query = parse_qs(parts.query)

    def text(self, name: str, default: str) -> str:
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        return int(self.text(name, str(default)))


async def serve_connection(socket: ServerConnection) -> None:
    visit = Visit(socket.request.path)
    try:
        await answer(socket, visit)
    except ConnectionClosed:
        pass


async def answer(socket: ServerConnection, visit: Visit) -> None:
    match visit.page:
        case "/close":
            await socket.close(visit.number("code", 1000), visit.text("reason", ""))
        case "/close-after":
            await socket.send(await socket.recv())
            await socket.close(visit.number("code", 1000), visit.text("reason", ""))
        case "/drop":
            await socket.recv()
            socket.transport.abort()
        case "/push":
            for number in range(1, visit.number("n", 10) + 1):
                await socket.send(str(number))
                await asyncio.sleep(visit.number("ms", 0) / 1000)
        case "/fragments":
            async for message in socket:
                await socket.send([message[place:place + 1] for place in range(len(message))] or message)
        case "/ping":
            while True:
                await (await socket.ping(b"are you there"))
                await socket.send("pong")
                await socket.recv()
        case "/big":
            await socket.send(bytes(visit.number("size", 1_048_576)))
        case "/mute":
            socket.transport.pause_reading()
            await asyncio.sleep(60)
        case "/headers":
            await socket.send(json.dumps(list(socket.request.headers.raw_items())))
        case _:
            async for message in socket:
                await socket.send(message)


def reject(socket: ServerConnection, request: Request) -> Response | None:
    visit = Visit(request.path)
    if visit.page != "/reject":
        return None
    return socket.respond(HTTPStatus(visit.number("status", 403)), "no sockets here\n")


def subprotocol(_socket: ServerConnection, offered: list[str]) -> str | None:
    """The first that we know, or none: the library by itself refuses a client without one."""
    return next((name for name in offered if name in SUBPROTOCOLS), None)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, required=True)
    parser.add_argument("--certificate", required=True, metavar="CERTIFICATE,KEY", help="of the TLS port, PEM")
    options = parser.parse_args()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*options.certificate.split(","))
    # No pings of its own: a test that counts frames sees only what its page sends.
    settings = {
        "host": "127.0.0.1", "process_request": reject, "select_subprotocol": subprotocol, "max_size": LONGEST_MESSAGE,
        "ping_interval": None, "close_timeout": 2,
    }
    async with (
        serve(serve_connection, port=options.port, **settings),
        serve(serve_connection, port=options.tls_port, ssl=tls, **settings),
    ):
        await asyncio.Event().wait()


asyncio.run(main())
