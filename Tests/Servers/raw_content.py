"""Odd but correct bodies and heads: what a client has to understand."""

import asyncio
import gzip
import zlib
from functools import cache

from raw_exchange import BadRequest, Exchange, page

TEXT = "".join(f"line {number} of the compressed text\n" for number in range(1, 51)).encode()


def encode(encoding: str, data: bytes) -> bytes:
    match encoding:
        case "gzip":
            return gzip.compress(data, mtime=0)
        case "deflate":
            return zlib.compress(data)
        case "deflate-raw":
            packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            return packer.compress(data) + packer.flush()
        case "br":
            import brotlicffi

            return brotlicffi.compress(data, quality=5)
        case "zstd":
            import zstandard

            return zstandard.compress(data)
    raise BadRequest(f"encoding={encoding}: expected gzip, deflate, deflate-raw, br or zstd")


@cache
def compressed(encoding: str) -> bytes:
    return encode(encoding, TEXT)


@cache
def bomb(encoding: str, size: int) -> bytes:
    if size > 268_435_456:
        raise BadRequest(f"size={size}: expected 256 MiB at most")
    return encode(encoding, bytes(size))


def coding(encoding: str) -> tuple[str, str]:
    return ("Content-Encoding", encoding.removesuffix("-raw"))


async def reply_compressed(exchange: Exchange, encoding: str) -> None:
    body = compressed(encoding)
    split = exchange.number("split", 0)
    if split == 0:
        return await exchange.reply(body, headers=[coding(encoding)])
    pieces = [body[start:start + split] for start in range(0, len(body), split)]
    await reply_chunked(exchange, pieces, [coding(encoding)], 1)


async def reply_chunked(exchange: Exchange, pieces: list[bytes], headers: list[tuple[str, str]], pause_ms: int) -> None:
    await exchange.send_head(200, [("Transfer-Encoding", "chunked"), *headers])
    for piece in pieces:
        await exchange.send_chunk(piece)
        if pause_ms:
            await asyncio.sleep(pause_ms / 1000)
    await exchange.send(b"0\r\n\r\n")


@page("/gzip?split=0")
async def as_gzip(exchange: Exchange) -> None:
    """50 lines "line N of the compressed text", gzip; `split` sends chunks of so many bytes, 1 ms apart."""
    await reply_compressed(exchange, "gzip")


@page("/deflate?split=0")
async def as_deflate(exchange: Exchange) -> None:
    """The same, Content-Encoding: deflate, with the zlib head that RFC 9110 asks for."""
    await reply_compressed(exchange, "deflate")


@page("/deflate-raw?split=0")
async def as_raw_deflate(exchange: Exchange) -> None:
    """The same, Content-Encoding: deflate, without the zlib head, as some servers do."""
    await reply_compressed(exchange, "deflate-raw")


@page("/br?split=0")
async def as_brotli(exchange: Exchange) -> None:
    """The same, brotli."""
    await reply_compressed(exchange, "br")


@page("/zstd?split=0")
async def as_zstd(exchange: Exchange) -> None:
    """The same, zstd."""
    await reply_compressed(exchange, "zstd")


@page("/gzip-twice")
async def gzip_twice(exchange: Exchange) -> None:
    """The same, Content-Encoding: gzip, gzip."""
    await exchange.reply(encode("gzip", compressed("gzip")), headers=[("Content-Encoding", "gzip, gzip")])


@page("/gzip-bomb?size=10485760&encoding=gzip")
async def gzip_bomb(exchange: Exchange) -> None:
    """`size` zero bytes, compressed as `encoding` says: about a thousandth of it on the wire."""
    encoding = exchange.text("encoding", "gzip")
    await exchange.reply(bomb(encoding, exchange.number("size", 10_485_760)), headers=[coding(encoding)])


@page("/chunked?size=1000&n=10&ms=0")
async def chunked(exchange: Exchange) -> None:
    """`n` chunks of `size` bytes each, letters by chunk, `ms` apart."""
    size, count = exchange.number("size", 1000), exchange.number("n", 10)
    pieces = [bytes([ord("a") + number % 26]) * size for number in range(count)] if size else []
    await reply_chunked(exchange, pieces, [("Content-Type", "text/plain")], exchange.number("ms", 0))


@page("/trailers")
async def trailers(exchange: Exchange) -> None:
    """A chunked "hello" with the trailer fields X-Checksum: 5d41402a and X-Last: yes."""
    await exchange.send_head(200, [("Transfer-Encoding", "chunked"), ("Trailer", "X-Checksum, X-Last")])
    await exchange.send(b"5\r\nhello\r\n0\r\nX-Checksum: 5d41402a\r\nX-Last: yes\r\n\r\n")


@page("/endless")
async def endless(exchange: Exchange) -> None:
    """A chunked body of zero bytes without end, as fast as the client reads."""
    await exchange.send_head(200, [("Transfer-Encoding", "chunked")])
    while True:
        await exchange.send_on(b"10000\r\n%b\r\n" % bytes(0x10000))


@page("/no-length")
async def no_length(exchange: Exchange) -> None:
    """A body "until the end" that is over when the connection is."""
    exchange.closes = True
    await exchange.send_head(200, [("Content-Type", "text/plain")])
    await exchange.send(b"until the end")


@page("/http-1.0")
async def old_version(exchange: Exchange) -> None:
    """An HTTP/1.0 answer, "old", without a length."""
    exchange.closes = True
    await exchange.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold")


@page("/no-reason")
async def no_reason(exchange: Exchange) -> None:
    """A status line without a reason, and fields without a space after the colon."""
    await exchange.send(b"HTTP/1.1 200 \r\nContent-Length:5\r\nX-Tight:yes\r\n\r\nhello")


@page("/early-hints")
async def early_hints(exchange: Exchange) -> None:
    """Two 103 with Link fields, then 200 "hinted"."""
    await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n")
    await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </script.js>; rel=preload; as=script\r\n\r\n")
    await exchange.reply("hinted")


@page("/multi-header")
async def multi_header(exchange: Exchange) -> None:
    """X-Multi three times, in mixed case, Set-Cookie twice, Link for next and last, WWW-Authenticate twice."""
    await exchange.reply("many", headers=[
        ("X-Multi", "one"), ("x-multi", "two"), ("X-MULTI", "three, four"),
        ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/; Expires=Wed, 01 Jan 2070 00:00:00 GMT"),
        ("Link", '</page/2>; rel="next"; title="a, b"'), ("Link", "</page/9>; rel=last, </page/1>; rel=first"),
        ("WWW-Authenticate", 'Basic realm="a"'), ("WWW-Authenticate", 'Digest realm="b", nonce="n"'),
        ("X-Empty", ""),
    ])


@page("/latin1")
async def latin1(exchange: Exchange) -> None:
    """The text "café, naïve, ½" in ISO 8859-1, and so declared."""
    body = "café, naïve, ½".encode("latin-1")
    await exchange.reply(body, headers=[("Content-Type", "text/plain; charset=iso-8859-1")])


@page("/utf16")
async def utf16(exchange: Exchange) -> None:
    """The text "café, naïve, ½" in UTF-16 with a byte-order mark, and so declared."""
    await exchange.reply("café, naïve, ½".encode("utf-16"), headers=[("Content-Type", "text/plain; charset=utf-16")])
