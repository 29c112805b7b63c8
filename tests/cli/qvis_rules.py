"""What qvis asks of a streamed qlog file, rule by rule.

Taken from github.com/quiclog/qvis, visualizations/src; the file that has the
rule stands beside each.  qvis is lenient: it logs to the browser's console,
shows an alert, mends, or leaves events out.  Here all that is an error.

usage: qvis_rules.py FILE   (breaks FILE in every way there is a rule for, and
                             fails if that is not noticed)
SPDX-License-Identifier: GPL-2.0-or-later
"""

import copy
import json
import sys

# data/QlogSchema02.ts: Defaults.versionAliases, LogFormat, VantagePointType
# (without "network", which needs a flow, and "unknown"), PacketType.
VERSIONS = ("draft-02", "draft-02-RC1", "qlog-03-WIP", "0.3")
SIDES = ("client", "server")
PACKET_TYPES = ("initial", "handshake", "0RTT", "1RTT", "retry",
                "version_negotiation", "stateless_reset", "unknown")
# A number in JavaScript is a double.
EXACT = 2 ** 53


class Refused(Exception):
    """qvis would not show this, or not as it is."""


def need(holds, why, *what):
    if not holds:
        raise Refused("%s: %s" % (why, what) if what else why)


def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "a key twice", pairs)
    return dict(pairs)


def number(text):
    value = int(text)
    need(abs(value) < EXACT, "no double", text)
    return value


def no_number(text):
    raise Refused("not JSON: " + text)


def parse(text):
    """JSON.parse, which unlike Python's knows no NaN and no Infinity."""
    try:
        return json.loads(text, parse_int=number, parse_constant=no_number,
                          object_pairs_hook=unique)
    except ValueError as error:
        raise Refused("not JSON: %s" % error) from error


def split(name, data):
    """The header and the events of a file's bytes."""
    # filemanager/data/FileLoader.ts, GuesstimateFileTypeFromExtension: these
    # two are JSON-SEQ whatever is in them.
    need(name.endswith((".sqlog", ".qlogseq")), "not a JSON-SEQ file", name)
    # filemanager/newlineconverter/textsequencejsontoqlog.ts: split at record
    # separators, white space trimmed, empty ones skipped; at the first that is
    # not JSON it stops, and never says so.
    texts = data.decode("utf-8", "strict").split("\x1e")
    records = [parse(t) for t in texts if t.strip()]
    need(records, "no record at all")
    return records[0], records[1:]


def check_header(header):
    # textsequencejsontoqlog.ts, convert: without these three there is no trace.
    need("qlog_version" in header, "no qlog_version")
    need(header.get("qlog_format") == "JSON-SEQ", "qlog_format", header)
    need(isinstance(header.get("trace"), dict), "no trace")
    # data/QlogLoader.ts, fromJSON.
    need(header["qlog_version"] in VERSIONS, "qlog_version", header)
    trace = header["trace"]
    # data/QlogLoaderV2.ts, fromDraft02: an error, and draft-01's columns.
    need("error_description" not in trace, "error_description")
    need("event_fields" not in trace, "event_fields")
    # It becomes "No VantagePoint set"; getVantagePointPerspective, on which
    # every diagram's arrows depend.
    point = trace.get("vantage_point")
    need(isinstance(point, dict) and point.get("type") in SIDES,
         "vantage_point", point)
    check_time(trace)
    return trace


def check_time(trace):
    # QlogLoaderV2.ts, DirectEventParser.init: without time_format it takes the
    # times for absolute ones; relative ones need a start.
    common = trace.get("common_fields", {})
    need(common.get("time_format") == "relative", "time_format", common)
    start = common.get("reference_time")
    # A string that has ':' or '-' goes to Date.parse; of any other,
    # parseFloat takes what it can.
    need(isinstance(start, (int, float)) and not isinstance(start, bool),
         "reference_time", start)
    # configuration.time_units "us" would make it multiply.
    need("time_units" not in trace.get("configuration", {}), "time_units")


def check_packet(event):
    name, data = event["name"], event["data"]
    # QlogLoaderV2.ts, "non-compliant qlog draft-02 trace": draft-01's fields.
    header = data.get("header")
    need(isinstance(header, dict), "a packet without header", event)
    need("packet_size" not in header, "header.packet_size", event)
    need("payload_length" not in header, "header.payload_length", event)
    need("packet_type" not in data, "data.packet_type", event)
    # congestiongraph/renderer/CongestionGraphD3Renderer.ts, parseQlog, and
    # packetizationdiagram/renderer/PacketizationQUICPreProcessor.ts: types are
    # compared, packets looked up by number.
    need(header.get("packet_type") in PACKET_TYPES, "packet_type", event)
    need(isinstance(header.get("packet_number"), int), "packet_number", event)
    if name == "recovery:packet_lost":
        return
    # Both again: a packet without length is not drawn; frames[0] is looked at.
    need(data.get("raw", {}).get("length", 0) > 0, "raw.length", event)
    if header["packet_type"] in ("retry", "stateless_reset"):
        return
    need(isinstance(data.get("frames"), list) and data["frames"], "no frames",
         event)
    for frame in data["frames"]:
        check_frame(frame, event)


def check_frame(frame, event):
    need(isinstance(frame.get("frame_type"), str), "frame_type", event)
    # PacketizationQUICPreProcessor.ts, backfillFrameSizes, and
    # multiplexinggraph: "stream frame with no length attribute! skipping".
    if frame["frame_type"] == "stream":
        for key in ("stream_id", "offset", "length"):
            need(isinstance(frame.get(key), int), "stream." + key, event)
    # CongestionGraphD3Renderer.ts: [from, to], or [only].
    for ends in frame.get("acked_ranges", []):
        need(len(ends) in (1, 2) and ends == sorted(ends), "acked_ranges",
             event)


def check_events(trace, events):
    # QlogLoaderV2.ts: the last event's length is asked for.
    need(events, "no event")
    need(events[-1], "an empty event")
    # If the first has group_id, the trace is split by it.
    need("group_id" not in events[0], "group_id of an event")
    last = -1.0
    for event in events:
        # DirectEventParser: time 0 and the name "unknown" are the defaults.
        need(isinstance(event.get("time"), (int, float)), "no time", event)
        need(isinstance(event.get("name"), str), "no name", event)
        need(isinstance(event.get("data"), dict), "no data", event)
        # "The qlog spec requires absolutely ordered timestamps", an alert.
        now = float(event["time"]) + trace["common_fields"]["reference_time"]
        need(now >= last, "out of order", event)
        last = now
        if event["name"] in ("transport:packet_sent",
                             "transport:packet_received",
                             "recovery:packet_lost"):
            check_packet(event)


def check(path):
    """Raises Refused if qvis would have something to say."""
    with open(path, "rb") as file:
        header, events = split(path, file.read())
    check_events(check_header(header), events)


# ---- that the rules notice ----

def first(events, name, frame):
    for event in events:
        if event["name"] == name and any(
                f["frame_type"] == frame for f in event["data"]["frames"]):
            return event
    raise AssertionError("no %s with %s to break" % (name, frame))


def frame_of(events, name):
    event = first(events, "transport:packet_sent", name)
    return next(f for f in event["data"]["frames"] if f["frame_type"] == name)


def packet(events):
    return first(events, "transport:packet_sent", "crypto")["data"]


BREAKS = {
    "no version": lambda h, e: h.pop("qlog_version"),
    "a later version": lambda h, e: h.update(qlog_version="0.4"),
    "another format": lambda h, e: h.update(qlog_format="NDJSON"),
    "no trace": lambda h, e: h.pop("trace"),
    "an error": lambda h, e: h["trace"].update(error_description="x"),
    "columns": lambda h, e: h["trace"].update(event_fields=["time"]),
    "no vantage point": lambda h, e: h["trace"].pop("vantage_point"),
    "a third party": lambda h, e:
        h["trace"]["vantage_point"].update(type="network"),
    "no time format": lambda h, e:
        h["trace"]["common_fields"].pop("time_format"),
    "no start": lambda h, e: h["trace"]["common_fields"].pop("reference_time"),
    "a date": lambda h, e:
        h["trace"]["common_fields"].update(reference_time="1970-01-01"),
    "microseconds": lambda h, e:
        h["trace"].update(configuration={"time_units": "us"}),
    "nothing": lambda h, e: e.clear(),
    "an empty end": lambda h, e: e.append({}),
    "a group": lambda h, e: e[0].update(group_id="a"),
    "no time": lambda h, e: e[1].pop("time"),
    "no name": lambda h, e: e[1].pop("name"),
    "no data": lambda h, e: e[1].pop("data"),
    "out of order": lambda h, e: e.append(e[0]),
    "packet_size": lambda h, e: packet(e)["header"].update(packet_size=1),
    "payload_length": lambda h, e:
        packet(e)["header"].update(payload_length=1),
    "an old type": lambda h, e: packet(e).update(packet_type="initial"),
    "no header": lambda h, e: packet(e).pop("header"),
    "no type": lambda h, e: packet(e)["header"].update(packet_type="1rtt"),
    "no number": lambda h, e: packet(e)["header"].pop("packet_number"),
    "no length": lambda h, e: packet(e).pop("raw"),
    "no frames": lambda h, e: packet(e)["frames"].clear(),
    "no frame type": lambda h, e: packet(e)["frames"][0].pop("frame_type"),
    "a stream without length": lambda h, e: frame_of(e, "stream").pop("length"),
    "a range backwards": lambda h, e:
        frame_of(e, "ack").update(acked_ranges=[[7, 3]]),
    "a number too large": lambda h, e: e[0].update(time=EXACT),
}

# Of the bytes: what is looked for, and what comes instead.
BYTES = {
    "an apostrophe": (b'"name"', b"'name'"),
    "not a number": (b'"packet_number":0', b'"packet_number":NaN'),
    "a key twice": (b'"name":', b'"name":"x","name":'),
    "no separator": (b"\n\x1e", b"\n"),
}


def refuses(path, data):
    try:
        header, events = split(path, data)
        check_events(check_header(header), events)
    except Refused:
        return True
    return False


def join(header, events):
    return b"".join(b"\x1e" + json.dumps(it).encode() + b"\n"
                    for it in [header] + events)


def main():
    path = sys.argv[1]
    with open(path, "rb") as file:
        data = file.read()
    header, events = split(path, data)
    assert not refuses(path, join(header, events)), path
    assert refuses("client.json", data)
    for what, change in BREAKS.items():
        parts = copy.deepcopy((header, events))
        change(*parts)
        assert refuses(path, join(*parts)), what
    for what, (old, new) in BYTES.items():
        assert old in data and refuses(path, data.replace(old, new, 1)), what
    print(len(BREAKS) + len(BYTES), "ways to break it are noticed")


if __name__ == "__main__":
    main()
