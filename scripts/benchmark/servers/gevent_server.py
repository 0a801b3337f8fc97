"""gevent's side of the HTTP rows: pywsgi, one process, no log. Usage: gevent_server.py PORT"""

import sys

import gevent
from gevent.pywsgi import WSGIServer

PAUSES = {"/park": 0, "/hold": 8}


def application(environ, start_response):
    pause = PAUSES.get(environ["PATH_INFO"])
    if pause is not None:
        gevent.sleep(pause)
    start_response("200 OK", [("Server", "gevent"), ("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


WSGIServer(("127.0.0.1", int(sys.argv[1])), application, log=None, backlog=4096).serve_forever()
