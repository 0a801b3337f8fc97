"""Pages about the request: echoed, counted, redirected, expecting; `key` keeps the tests that share a server apart."""

import asyncio
import hashlib
import json
import time
from collections import Counter
from contextlib import suppress
from email.utils import formatdate
from urllib.parse import unquote

from raw_exchange import BadRequest, Connection, Exchange, page

LARGE = 1_000_000


class Tally:
    """What came so far: requests by key, connections by key and in all."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.accepted_in_all = 0
        self.open: set[int] = set()
        self.open_by_key: dict[str, set[int]] = {}

    def opened(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Connection:
        self.accepted_in_all += 1
        self.open.add(self.accepted_in_all)
        return Connection(reader, writer, self.accepted_in_all)

    def marked(self, connection: Connection, key: str) -> None:
        if key not in connection.keys:
            connection.keys.add(key)
            self.accepted[key] += 1
            self.open_by_key.setdefault(key, set()).add(connection.number)

    def closed(self, connection: Connection) -> None:
        self.open.discard(connection.number)
        for key in connection.keys:
            self.open_by_key[key].discard(connection.number)


TALLY = Tally()


async def reply_json(exchange: Exchange, value: object) -> None:
    await exchange.reply(json.dumps(value) + "\n", headers=[("Content-Type", "application/json")])


@page("/connections?of=K")
async def connections(exchange: Exchange) -> None:
    """JSON: how many connections were accepted, and are open now, this one included; with `of` only those that
    requests with key=K marked."""
    key = exchange.text("of")
    if key:
        accepted, still_open = TALLY.accepted[key], len(TALLY.open_by_key.get(key, ()))
    else:
        accepted, still_open = TALLY.accepted_in_all, len(TALLY.open)
    await reply_json(exchange, {"accepted": accepted, "open": still_open})


@page("/count?key=K")
async def count(exchange: Exchange) -> None:
    """How often this was asked with this key, from 1."""
    TALLY.requests[exchange.text("key")] += 1
    await exchange.reply(str(TALLY.requests[exchange.text("key")]))


@page("/flaky?fail=2&key=K&status=503&retry_after=1")
async def flaky(exchange: Exchange) -> None:
    """Fails the first `fail` requests with this key, then answers 200 with the count. Without `status` it closes the
    connection; `retry_after` is sent in seconds, `retry_date` as the date that many seconds from now."""
    key = "flaky " + exchange.text("key")
    TALLY.requests[key] += 1
    if TALLY.requests[key] > exchange.number("fail", 2):
        return await exchange.reply(str(TALLY.requests[key]))
    if not exchange.text("status"):
        exchange.closes = True
        return
    headers = []
    if exchange.text("retry_after"):
        headers.append(("Retry-After", exchange.text("retry_after")))
    if exchange.text("retry_date"):
        headers.append(("Retry-After", formatdate(time.time() + exchange.number("retry_date", 1), usegmt=True)))
    await exchange.reply("not yet", status=exchange.number("status", 503), headers=headers)


@page("/status/CODE")
async def status(exchange: Exchange) -> None:
    """That status, with the code as body."""
    code = exchange.path.removeprefix("/status/")
    if not (code.isdecimal() and 200 <= int(code) <= 999):
        raise BadRequest(f"status {code}: expected 200 to 999")
    await exchange.reply(code, status=int(code))


@page("/echo")
async def echo(exchange: Exchange) -> None:
    """The request as received, head and body with its chunks, as text/plain."""
    await exchange.reply(exchange.head + exchange.body)


@page("/swallow?ms=0", reads_body=False)
async def swallow(exchange: Exchange) -> None:
    """Reads the body, with a pause of `ms` for each 64 KiB or chunk, and answers JSON: bytes, sha256, chunks."""
    if exchange.expects_continue:
        await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    digest, size, chunks = hashlib.sha256(), 0, 0
    async for _, data in exchange.pieces():
        digest.update(data)
        size += len(data)
        chunks += bool(data)
        if exchange.number("ms", 0):
            await asyncio.sleep(exchange.number("ms", 0) / 1000)
    await reply_json(exchange, {"bytes": size, "sha256": digest.hexdigest(), "chunks": chunks})


@page("/continue?ms=0", reads_body=False)
async def continues(exchange: Exchange) -> None:
    """After `ms` 100 when the request expects it, then 200 with "expected N bytes" or "unexpected N bytes"."""
    expected = "expected" if exchange.expects_continue else "unexpected"
    if exchange.expects_continue:
        await asyncio.sleep(exchange.number("ms", 0) / 1000)
    await exchange.read_body()
    await exchange.reply(f"{expected} {len(exchange.body)} bytes")


@page("/expect-417?close=0", reads_body=False)
async def expectation_failed(exchange: Exchange) -> None:
    """417 when the request has an Expect field, and with close=1 the end; else 200 with the number of bytes in its
    body. Without the end the next request has to follow at once: the body must not come."""
    if exchange.header("expect"):
        exchange.closes = exchange.closes or bool(exchange.number("close", 0))
        return await exchange.reply("no expectations here", status=417)
    await exchange.read_body()
    await exchange.reply(str(len(exchange.body)))


@page("/refuse-large?reset=0", reads_body=False)
async def refuse_large(exchange: Exchange) -> None:
    """413 at once to a body of a million bytes or more, or to a chunked one, and the end; reset=1: with a TCP reset."""
    told = int(exchange.header("content-length") or 0)
    if told < LARGE and not exchange.header("transfer-encoding"):
        await exchange.read_body()
        return await exchange.reply(str(told))
    exchange.closes = True
    await exchange.reply("too large", status=413)
    if exchange.number("reset", 0):
        return exchange.connection.reset()
    # Closing with bytes unread would reset the connection, and could take the answer with it (RFC 9112 §9.6).
    exchange.connection.writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            while await exchange.connection.reader.read(65_536):
                pass


@page("/set-cookie?NAME=VALUE&line=LINE")
async def set_cookie(exchange: Exchange) -> None:
    """A Set-Cookie field for each part of the query, in its order: NAME=VALUE as it is, or a whole line=LINE with
    attributes, percent-encoded. Answers with the Cookie field that came."""
    _, _, query = exchange.target.partition("?")
    lines = [unquote(part.removeprefix("line=")) for part in query.split("&") if part and not part.startswith("key=")]
    await exchange.reply(exchange.header("cookie"), headers=[("Set-Cookie", line) for line in lines])


@page("/redirect?code=302&to=/echo")
async def redirect(exchange: Exchange) -> None:
    """That status with Location `to` (percent-encoded), which may be any URL."""
    await exchange.reply("elsewhere", exchange.number("code", 302), [("Location", exchange.text("to", "/echo"))])


@page("/redirect-303")
async def see_other(exchange: Exchange) -> None:
    """303 to /echo: the client goes on with GET and without a body."""
    await exchange.reply("elsewhere", status=303, headers=[("Location", "/echo")])


@page("/redirect-loop")
async def redirect_loop(exchange: Exchange) -> None:
    """302 to itself, for ever."""
    await exchange.reply("again", status=302, headers=[("Location", "/redirect-loop")])
