"""Answers made to do harm: what costs a careless client its time, its memory or its terminal."""

import time

from raw_exchange import Exchange, page


@page("/given?head=&unit=&n=0&tail=")
async def given(exchange: Exchange) -> None:
    """The bytes of `head`, `n` times those of `unit`, those of `tail`, and the end of the connection."""
    exchange.closes = True
    unit = exchange.text("unit") * exchange.number("n", 0)
    await exchange.send(exchange.text("head") + unit + exchange.text("tail"))


@page("/challenge")
async def challenge(exchange: Exchange) -> None:
    """A digest challenge whatever comes, each time with the word that the last nonce was stale."""
    nonce = f"{time.monotonic_ns():x}"
    field = f'Digest realm="a", nonce="{nonce}", stale=true, qop="auth"'
    await exchange.reply("no", status=401, headers=[("WWW-Authenticate", field)])
