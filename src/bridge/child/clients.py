# The clients that hooks use beside tornado's. Each request and each redirect is told once, and the one who asks still
# reads the answer as if nobody had looked.


def patch_requests(self, module):
    import requests

    original, wire = module.HTTPAdapter.send, self

    def send(adapter, request, *args, **kwargs):
        asked = exchange(request.method, request.url, request.headers.items(), request.body)
        started = time.monotonic()
        if wire.offline:
            saved = wire.saved(asked, requests.exceptions.ConnectionError)
            response = requests.Response()
            response.status_code, response.reason = saved["status"], saved["reason"]
            response.headers.update(dict(saved["headers"]))
            response._content, response.url, response.request = bytes.fromhex(saved["body"]), request.url, request
            return response
        request.url = wire.moved(request.url)
        try:
            response = original(adapter, request, *args, **kwargs)
            streamed = args[0] if args else kwargs.get("stream")
            body = b"" if streamed else response.content
        except Exception as error:
            wire.tell(asked, started, error=error)
            raise
        wire.tell(asked, started, answer(response.status_code, response.reason, response.headers.items(), body))
        return response

    module.HTTPAdapter.send = send


def patch_urllib(self, module):
    import io
    import urllib.error
    import urllib.response

    original, wire = module.AbstractHTTPHandler.do_open, self

    def do_open(handler, connection, request, **kwargs):
        asked = exchange(request.get_method(), request.full_url, request.header_items(), request.data)
        started = time.monotonic()
        if wire.offline:
            from email.message import Message

            saved, headers = wire.saved(asked, urllib.error.URLError), Message()
            for name, value in saved["headers"]:
                headers[name] = value
            response = urllib.response.addinfourl(
                io.BytesIO(bytes.fromhex(saved["body"])), headers, request.full_url, saved["status"]
            )
            response.msg = saved["reason"]
            return response
        try:
            response = original(handler, connection, request, **kwargs)
            body = response.read()
        except Exception as error:
            wire.tell(asked, started, error=error)
            raise
        wire.tell(asked, started, answer(response.status, response.reason, response.headers.items(), body))
        # Read once more, by the one who asked.
        response.fp = io.BufferedReader(io.BytesIO(body))
        response.chunked, response.length = False, len(body)
        return response

    module.AbstractHTTPHandler.do_open = do_open


def patch_httpx(self, module):
    wire = self

    def asked_of(request):
        try:
            body = request.content
        except module.RequestNotRead:
            body = None
        return exchange(request.method, request.url, request.headers.items(), body)

    def saved(request):
        found = wire.saved(asked_of(request), module.ConnectError)
        body = bytes.fromhex(found["body"])
        return module.Response(found["status"], headers=found["headers"], content=body, request=request)

    def tell(response, started):
        for hop in [*response.history, response]:
            # A body that nobody has read yet is theirs to read.
            body = hop.content if hasattr(hop, "_content") else b""
            told = answer(hop.status_code, hop.reason_phrase, hop.headers.items(), body)
            wire.tell(asked_of(hop.request), started, told)
        return response

    def send(client, request, **kwargs):
        started = time.monotonic()
        if wire.offline:
            return saved(request)
        try:
            return tell(of_client(client, request, **kwargs), started)
        except module.HTTPError as error:
            wire.tell(asked_of(request), started, error=error)
            raise

    async def send_async(client, request, **kwargs):
        started = time.monotonic()
        if wire.offline:
            return saved(request)
        try:
            return tell(await of_async_client(client, request, **kwargs), started)
        except module.HTTPError as error:
            wire.tell(asked_of(request), started, error=error)
            raise

    of_client, of_async_client = module.Client.send, module.AsyncClient.send
    module.Client.send, module.AsyncClient.send = send, send_async


def patch_aiohttp(self, module):
    wire = self
    request_, read_ = module.ClientSession._request, module.ClientResponse.read

    async def request(session, method, url, **kwargs):
        data = kwargs.get("data")
        if kwargs.get("json") is not None:
            data = json.dumps(kwargs["json"])
        elif isinstance(data, dict):
            data = urlencode(data)
        headers = dict(kwargs.get("headers") or {})
        asked = exchange(method.upper(), url, headers.items(), data)
        started = time.monotonic()
        if wire.offline:
            raise Unsaved("aiohttp's requests cannot be made by oauthctl: {} {}".format(method.upper(), str(url).split("?")[0]))
        try:
            response = await request_(session, method, url, **kwargs)
        except Exception as error:
            wire.tell(asked, started, error=error)
            raise
        for hop in [*response.history, response]:
            told = exchange(hop.method, hop.request_info.real_url, hop.request_info.headers.items(), asked["body"])
            hop._told = wire.tell(told, started, answer(hop.status, hop.reason, hop.headers.items(), b""))
        return response

    async def read(response):
        unread = getattr(response, "_body", None) is None
        body = await read_(response)
        number = getattr(response, "_told", None)
        if unread and number is not None:
            wire.tell_body(number, body)
        return body

    module.ClientSession._request, module.ClientResponse.read = request, read


Wire.patch_requests, Wire.patch_urllib = patch_requests, patch_urllib
Wire.patch_httpx, Wire.patch_aiohttp = patch_httpx, patch_aiohttp
