"""Reads one query a line (as JSON strings) and says what tornado's handlers make of it.

For each line: null where tornado refuses the query, else an object that gives, per name asked for, the value of
get_argument(name, None), or {"error": status} where it raises.
"""

import json
import sys
from unittest import mock

from tornado import httputil, web

NAMES = ["code", "state", "error", "error_description", "", "é"]


def arguments(query):
    connection = mock.Mock()
    connection.context.remote_ip = "127.0.0.1"
    connection.context.protocol = "http"
    line = httputil.RequestStartLine("GET", "/hub/oauth_callback?" + query, "HTTP/1.1")
    headers = httputil.HTTPHeaders({"Host": "localhost"})
    try:
        request = httputil.HTTPServerRequest(start_line=line, headers=headers, connection=connection)
    except httputil.HTTPInputError:
        return None
    handler = web.RequestHandler(web.Application(), request)
    found = {}
    for name in NAMES:
        try:
            found[name] = handler.get_argument(name, None)
        except web.HTTPError as error:
            found[name] = {"error": error.status_code}
    return found


for line in sys.stdin:
    print(json.dumps(arguments(json.loads(line))))
