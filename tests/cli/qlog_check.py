"""Reads the qlog of a result folder as a stranger would, beside events.csv,
and as qvis does (qvis_rules.py).

usage: qlog_check.py DIR FILES   (with FILES traces in all)
SPDX-License-Identifier: GPL-2.0-or-later
"""

import collections
import csv
import glob
import ipaddress
import json
import os
import re
import sys

import qvis_rules

SENT = "transport:packet_sent"
RECEIVED = "transport:packet_received"
TYPES = {"1RTT": "1rtt", "0RTT": "0rtt"}


def records(path):
    """RFC 7464: a separator, one JSON text, a newline."""
    with open(path, "rb") as file:
        data = file.read()
    assert data.startswith(b"\x1e"), path
    for text in data.split(b"\x1e")[1:]:
        assert text.endswith(b"}\n") and text.count(b"\n") == 1, (path, text)
        yield json.loads(text, parse_float=str)


def endpoint(it):
    family = "4" if "ip_v4" in it else "6"
    address = ipaddress.ip_address(it["ip_v" + family])
    assert str(address.version) == family
    text = "%s" if family == "4" else "[%s]"
    return text % address + ":%d" % it["port_v" + family]


def check_header(header, side, path):
    assert header["qlog_version"] == "0.3", path
    trace = header["trace"]
    assert trace["vantage_point"]["type"] == side, path
    common = trace["common_fields"]
    assert common["reference_time"] == 0, path
    assert re.fullmatch("([0-9a-f]{2}){8,20}", common["group_id"]), path
    return common["group_id"]


def read_events(path):
    """What was sent, in order; how often validations ended, packets were lost."""
    sent = collections.defaultdict(list)
    ended = collections.Counter()
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["event"] not in ("quic_sent", "path_validation",
                                    "packet_lost"):
                continue
            detail = dict(re.findall(r"(\w+)=(\S+)", row["detail"]))
            key = (row["arm"], row["seed"], detail["endpoint"],
                   row["client"], detail["connection"])
            if row["event"] == "quic_sent":
                ms = row["t_s"].replace(".", "")
                sent[key].append((int(ms), detail["type"], int(detail["pn"]),
                                  detail["tuple"], detail["dcid"]))
            elif row["event"] == "packet_lost":
                ended[key, "lost"] += 1
            else:
                ended[key, detail["result"] == "success"] += 1
    return sent, ended


def nanoseconds(text):
    whole, part = str(text).split(".")
    assert len(part) == 6
    return int(whole + part)


def check_trace(path, key, sent, ended):
    """Returns the group that the trace is of."""
    side = key[2]
    qvis_rules.check(path)
    it = records(path)
    group = check_header(next(it), side, path)
    tuples, dcids, packets, last, lost = {}, {}, [], 0, 0
    states = collections.Counter()
    for record in it:
        t = nanoseconds(record["time"])
        assert t >= last, (path, t, last)
        last = t
        name, data = record["name"], record["data"]
        if name == "quic:tuple_assigned":
            local = endpoint(data["tuple_local"])
            remote = endpoint(data["tuple_remote"])
            assert data["tuple_id"] not in tuples, path
            client, server = (local, remote) if side == "client" else (
                remote, local)
            tuples[data["tuple_id"]] = client + ">" + server
        elif name == "quic:connection_id_updated":
            assert data["initiator"] == "remote", path
            assert data.get("old") == dcids.get(record["tuple"]) or (
                record["tuple"] == "0" and "0" not in dcids), path
            assert data["new"] or "old" in data, (path, record)
            dcids[record["tuple"]] = data["new"]
        elif name == "quic:migration_state_updated":
            assert data["tuple_id"] == record["tuple"], path
            states[data["new"]] += 1
        elif name == SENT:
            kind = data["header"]["packet_type"]
            packets.append((t, TYPES.get(kind, kind),
                            data["header"]["packet_number"],
                            tuples[record["tuple"]], record["tuple"],
                            dcids.get(record["tuple"])))
        elif name == RECEIVED:
            assert record["tuple"] in tuples, path
        elif name == "recovery:packet_lost":
            lost += 1
        else:
            assert name.split(":")[0] in ("transport", "recovery"), name
    assert [p[:4] for p in packets] == [s[:4] for s in sent], path
    for packet, event in zip(packets, sent):
        # Nothing is told of the first ID on the first tuple,
        # nor of there being none on another.
        first = sent[0][4] if packet[4] == "0" else ""
        cid = first if packet[5] is None else packet[5]
        assert (cid or "-") == event[4], (path, packet, event)
    assert lost == ended[key, "lost"], (path, lost)
    assert states["probing_successful"] == ended[key, True], path
    assert states["probing_abandoned"] == ended[key, False], path
    assert states["migration_complete"] <= states["migration_started"], path
    return group, states


def main():
    folder, wanted = sys.argv[1], int(sys.argv[2])
    sent, ended = read_events(folder + "/events.csv")
    left = set(glob.glob(folder + "/runs/*/*.sqlog"))
    groups = collections.defaultdict(set)
    total = collections.Counter()
    assert len(left) == wanted == len(sent), (len(left), len(sent))
    for key in sent:
        arm, seed, side, client, connection = key
        name = side
        if (client, connection) != ("0", "0"):
            name += "-%s-%s" % (client, connection)
        path = "%s/runs/%s-%s/%s.sqlog" % (folder, arm, seed, name)
        left.remove(path)
        group, states = check_trace(path, key, sent[key], ended)
        groups[arm, seed, client, connection].add(group)
        total += states
    assert not left, left
    # Both ends of a connection, and nobody else, are of its group.
    assert all(len(g) == 1 for g in groups.values()), groups
    for state in sys.argv[3:]:
        assert total[state] > 0, (state, total)
    print(os.path.basename(folder), wanted, dict(total))


main()
