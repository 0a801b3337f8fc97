"""Broken answers: what no client should trust."""

import asyncio

import raw_content
from raw_exchange import BadRequest, Exchange, page

CHUNK_FAULTS = {
    "size": b"5\r\nhello\r\nzz\r\nhello\r\n0\r\n\r\n",
    "data": b"5\r\nhello, this is more\r\n0\r\n\r\n",
    "cut": b"5\r\nhello\r\na\r\nhel",
    "huge": b"5\r\nhello\r\nfffffffffffffffff\r\nhello",
    "negative": b"5\r\nhello\r\n-5\r\nhello\r\n0\r\n\r\n",
}


async def raw(exchange: Exchange, data: bytes) -> None:
    """These bytes and the end of the connection."""
    exchange.closes = True
    await exchange.send(data)


@page("/bad-chunk?kind=size")
async def bad_chunk(exchange: Exchange) -> None:
    """A chunked body that goes wrong after "hello": kind is size (not hexadecimal), data (longer than told), cut, huge
    (size over 64 bits) or negative."""
    kind = exchange.text("kind", "size")
    if kind not in CHUNK_FAULTS:
        raise BadRequest(f"kind={kind}: expected one of {', '.join(CHUNK_FAULTS)}")
    await raw(exchange, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNK_FAULTS[kind])


@page("/early-close")
async def early_close(exchange: Exchange) -> None:
    """Tells a Content-Length of 1000, sends 10 bytes and closes."""
    await raw(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")


@page("/header-bomb")
async def header_bomb(exchange: Exchange) -> None:
    """A head that never ends, as fast as the client reads."""
    await raw(exchange, b"HTTP/1.1 200 OK\r\n")
    block = b"".join(b"X-Bomb-%d: %b\r\n" % (number, b"b" * 1000) for number in range(64))
    while True:
        await exchange.send_on(block)


@page("/header-large?bytes=200000")
async def header_large(exchange: Exchange) -> None:
    """One field X-Large of so many bytes, then a correct end of the head and "done"."""
    await exchange.reply("done", headers=[("X-Large", "l" * exchange.number("bytes", 200_000))])


@page("/slow?ms=10&count=100")
async def slow(exchange: Exchange) -> None:
    """A body of `count` bytes (letters a to z and again), one each `ms`."""
    pause, count = exchange.number("ms", 10) / 1000, exchange.number("count", 100)
    await exchange.send_head(200, [("Content-Length", str(count))])
    for number in range(count):
        await asyncio.sleep(pause)
        await exchange.send(bytes([ord("a") + number % 26]))


@page("/slow-head?ms=10")
async def slow_head(exchange: Exchange) -> None:
    """A whole answer, "slow", a byte each `ms` from the status line on."""
    pause = exchange.number("ms", 10) / 1000
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow":
        await asyncio.sleep(pause)
        await exchange.send(bytes([byte]))


@page("/hang", reads_body=False)
async def hang(exchange: Exchange) -> None:
    """Never answers."""
    await exchange.hang()


@page("/hang-after-head")
async def hang_after_head(exchange: Exchange) -> None:
    """The head of an answer with 1000 bytes, and none of them."""
    await exchange.send_head(200, [("Content-Length", "1000")])
    await exchange.hang()


@page("/hang-in-body")
async def hang_in_body(exchange: Exchange) -> None:
    """Tells 1000 bytes, sends 10, and nothing more."""
    await exchange.send_head(200, [("Content-Length", "1000")])
    await exchange.send(b"0123456789")
    await exchange.hang()


@page("/flood-1xx")
async def flood(exchange: Exchange) -> None:
    """103 without end, as fast as the client reads."""
    exchange.closes = True
    while True:
        await exchange.send_on(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 100)


@page("/wrong-length")
async def wrong_length(exchange: Exchange) -> None:
    """Tells a Content-Length of 5 and sends "hello and more than that"; closes."""
    await raw(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more than that")


@page("/two-lengths")
async def two_lengths(exchange: Exchange) -> None:
    """Content-Length: 5 and Content-Length: 10 in one head."""
    await raw(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 10\r\n\r\nhellohello")


@page("/negative-length")
async def negative_length(exchange: Exchange) -> None:
    """Content-Length: -5."""
    await raw(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")


@page("/garbage")
async def garbage(exchange: Exchange) -> None:
    """Bytes that are not HTTP, and the end."""
    await raw(exchange, bytes(range(1, 256)) * 4)


@page("/bad-status")
async def bad_status(exchange: Exchange) -> None:
    """A status line whose code is "abc"."""
    await raw(exchange, b"HTTP/1.1 abc OK\r\nContent-Length: 5\r\n\r\nhello")


@page("/nul-header")
async def nul_header(exchange: Exchange) -> None:
    """A field with a zero byte in its value."""
    await raw(exchange, b"HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 5\r\n\r\nhello")


@page("/empty-reply", reads_body=False)
async def empty_reply(exchange: Exchange) -> None:
    """Closes without a byte."""
    exchange.closes = True


@page("/reset", reads_body=False)
async def reset(exchange: Exchange) -> None:
    """Ends the connection with a TCP reset, without a byte."""
    exchange.closes = True
    exchange.connection.reset()


@page("/gzip-cut")
async def gzip_cut(exchange: Exchange) -> None:
    """A gzip body that lacks its last bytes; its length is told right."""
    await exchange.reply(raw_content.compressed("gzip")[:-12], headers=[("Content-Encoding", "gzip")])


@page("/gzip-bad")
async def gzip_bad(exchange: Exchange) -> None:
    """Content-Encoding: gzip over text that is none."""
    await exchange.reply("this is not gzip", headers=[("Content-Encoding", "gzip")])
