"""httpbin on a port of 127.0.0.1, in threads, so that its slow pages do not hold up the others."""

import argparse

from httpbin import app
from waitress import serve

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, required=True)
# The URLs that httpbin tells are https where nginx stands before it and says so.
serve(
    app, host="127.0.0.1", port=parser.parse_args().port, threads=16,
    trusted_proxy="127.0.0.1", trusted_proxy_headers={"x-forwarded-proto"})
