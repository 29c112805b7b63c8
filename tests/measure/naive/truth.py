"""Whose a tuple is, and between which tuples a handoff was, from events.csv and
handoffs.csv."""
# SPDX-License-Identifier: GPL-2.0-or-later
import collections
import csv


def nanoseconds(text):
    whole, part = text.split(".")
    return int(whole) * 10**9 + int(part)


class Client:
    def __init__(self):
        self.sent = []  # (t, packet, net, own tuple)
        self.wire = []  # (t, packet, net, tuple)
        self.handoffs = []


def _fields(detail):
    return dict(f.split("=", 1) for f in detail.split(" ") if "=" in f)


def read(folder):
    """A Client by (arm, seed, client)."""
    clients = collections.defaultdict(Client)
    with open(folder + "/events.csv", newline="") as f:
        for r in csv.DictReader(f):
            if r["event"] not in ("datagram_sent", "wire"):
                continue
            d = _fields(r["detail"])
            c = clients[r["arm"], r["seed"], r["client"]]
            entry = (nanoseconds(r["t_s"]), d["packet"], d["net"], d["tuple"])
            if r["event"] == "wire":
                c.wire.append(entry)
            elif d["endpoint"] == "client":
                c.sent.append(entry)
    with open(folder + "/handoffs.csv", newline="") as f:
        for r in csv.DictReader(f):
            clients[r["arm"], r["seed"], r["client"]].handoffs.append(r)
    return clients


def tuples(client, handoff):
    """The old and the new tuple of |handoff| as the server sees them, or None
    each."""
    t_loss = nanoseconds(handoff["t_loss_s"])
    t_up = nanoseconds(handoff["t_up_s"])
    start = max(t_loss, t_up)
    before = [w for w in client.wire if w[0] <= start]
    left = [w for w in before if w[2] == handoff["from"]] or before
    old = left[-1][3] if left else None
    if handoff["t_first_tx_s"] in ("", "NA"):
        return old, None
    t_first = nanoseconds(handoff["t_first_tx_s"])
    own = next(
        s[3] for s in client.sent if s[0] == t_first and s[2] == handoff["to"]
    )
    packets = {s[1] for s in client.sent if s[3] == own and s[0] >= t_first}
    new = next((w[3] for w in client.wire if w[1] in packets and w[3] != old), None)
    return old, new
