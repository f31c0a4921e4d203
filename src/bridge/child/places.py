# Where an option was set: the operator's line that was running when it was.

PLACES = {}


def trace_settings(channel):
    """Makes traitlets' `Config` remember who sets what. What is set is told, so that no secret of it is shown."""
    from traitlets.config import Config

    sections = {}  # by identity; the section is kept, so that no other can have it
    original = {name: getattr(Config, name) for name in ("__getitem__", "__setitem__", "update", "setdefault")}

    def note(section, key, value=None):
        place = where()
        name = sections.get(id(section), (None, ""))[1]
        if place is None or not isinstance(key, str):
            return
        PLACES[name, key] = place
        if isinstance(value, (str, bytes, int, float, list, tuple, dict)) and not isinstance(value, Config):
            channel.say(event="set", option=key, value=plain(value))

    def getitem(config, key):
        fresh = not dict.__contains__(config, key)
        value = original["__getitem__"](config, key)
        if isinstance(value, Config):
            sections[id(value)] = (value, key)
        elif fresh:
            note(config, key)  # an operation on the default, as in `c.Class.option.append(…)`
        return value

    def setitem(config, key, value):
        original["__setitem__"](config, key, value)
        if isinstance(value, Config):
            sections[id(value)] = (value, key)
        else:
            note(config, key, value)

    def update(config, *args, **kwargs):
        original["update"](config, *args, **kwargs)
        for key, value in dict(*args, **kwargs).items():
            if isinstance(value, Config):
                sections[id(value)] = (value, key)
            elif id(config) in sections:
                note(config, key, value)

    def setdefault(config, key, default=None):
        fresh = not dict.__contains__(config, key)
        value = original["setdefault"](config, key, default)
        if fresh:
            note(config, key, value)
        return value

    Config.__getitem__, Config.__setitem__ = getitem, setitem
    Config.update, Config.setdefault = update, setdefault


def where():
    """The innermost line of the operator's that is running."""
    frame = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path != "<string>" and is_operators(path):
            return {"file": label(path), "line": frame.f_lineno}
        frame = frame.f_back
    return None


def place_of(names, option):
    """Where an option of a class with these bases was set; the section of the nearest one counts."""
    for name in names:
        if (name, option) in PLACES:
            return PLACES[name, option]
    return None
