# What is handed over: JSON, with what JSON lacks behind the key "\0".

DEEPEST = 100
MARK = "\0"


def plain(value, depth=0):
    if depth > DEEPEST:
        return {MARK: "other", "repr": "something nested too deeply"}
    if value is None or isinstance(value, (bool, int, float)):
        return value if type(value) in (type(None), bool, int, float) else plain_number(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return {MARK: "bytes", "hex": value.hex()}
    if isinstance(value, dict):
        pairs = list(value.items())
        if all(type(key) is str and key != MARK for key, _ in pairs):
            return {key: plain(item, depth + 1) for key, item in pairs}
        return {MARK: "dict", "items": [[plain(key, depth + 1), plain(item, depth + 1)] for key, item in pairs]}
    for kinds, name in [((list,), None), ((tuple,), "tuple"), ((set, frozenset), "set")]:
        if isinstance(value, kinds):
            items = [plain(item, depth + 1) for item in value]
            return {MARK: name, "items": items} if name else items
    if inspect.isclass(value):
        return {MARK: "class", "name": value.__name__, "module": value.__module__}
    if callable(value):
        return plain_callable(value)
    return {MARK: "other", "repr": short(value)}


def plain_number(value):
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)


def plain_callable(value):
    name = getattr(value, "__name__", type(value).__name__)
    described = {MARK: "callable", "name": name, "source": "{}.{}".format(getattr(value, "__module__", "?"), name)}
    try:
        lines, first = inspect.getsourcelines(value)
        described.update(source="".join(lines).strip(), file=label(inspect.getsourcefile(value)), line=max(first, 1))
    except Exception:
        pass  # there is no file, or Python inside YAML, whose lines do not parse alone
    return described


def short(value, length=500):
    try:
        text = repr(value)
    except BaseException as error:
        text = "<{} whose repr raises {}>".format(type(value).__name__, type(error).__name__)
    return text if len(text) <= length else text[:length] + "…"


# Whose code it is.

LIBRARIES = tuple({os.path.realpath(path) + os.sep for path in sysconfig.get_paths().values()})
LABELS = {}


def label(path):
    """A file as the user named it."""
    return LABELS.get(os.path.abspath(path), path) if path else None


def is_operators(path):
    if path in LABELS:
        return True
    if not path or path.startswith("<"):
        return False
    real = os.path.realpath(path)
    packaged = os.sep + "site-packages" + os.sep in real or os.sep + "dist-packages" + os.sep in real
    return not packaged and (not real.startswith(LIBRARIES) or os.path.abspath(path) in LABELS)


def described(error):
    """An exception, with the frames that are the operator's own."""
    from tornado import web
    from tornado.httpclient import HTTPClientError

    message = {"class": type(error).__name__, "message": text_of(error), "frames": frames_of(error)}
    if isinstance(error, web.HTTPError):
        message.update(kind="http", status=error.status_code, message=http_message(error))
    elif isinstance(error, HTTPClientError):
        message.update(kind="client", status=error.code, message=str(error.message))
    return message


def text_of(error):
    try:
        return str(error)
    except BaseException:
        return ""


def http_message(error):
    if not error.log_message:
        return str(error.reason or "")
    try:
        return error.log_message % error.args if error.args else error.log_message
    except (TypeError, ValueError):
        return error.log_message


def frames_of(error):
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = []
        if isinstance(error, SyntaxError) and error.filename:
            frames.append({"file": label(error.filename), "line": error.lineno or 1, "function": "", "text": error.text})
        for frame in traceback.extract_tb(error.__traceback__):
            if is_operators(frame.filename):
                where = {"file": label(frame.filename), "line": frame.lineno, "function": frame.name}
                frames.append(dict(where, text=linecache.getline(frame.filename, frame.lineno).rstrip("\n")))
        if frames:
            return frames[-20:]
        error = error.__cause__ or error.__context__
    return []
