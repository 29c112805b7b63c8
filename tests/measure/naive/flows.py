"""What an observer at a vantage point makes of the packets that its taps show:
flows and their identifiers (docs/metrics.md, "Flows")."""
# SPDX-License-Identifier: GPL-2.0-or-later
import wire

SILENCE = 2 * 10**9
GUESS_LEAST, GUESS_PACKETS, GUESS_RUNS = 2, 3, 64
CID_MOST = 20


class Side:
    """One direction of a flow."""

    def __init__(self):
        self.times, self.sizes, self.ecn, self.spins = [], [], [], []
        self.ttl = None


class Flow:
    def __init__(self, key):
        self.key = key
        self.up, self.down = Side(), Side()
        self.identifiers = {
            ("tuple", _bytes(key[0]).hex()),
            ("port", key[0][1].to_bytes(2, "big").hex()),
        }
        self.guesses = {True: Guess(), False: Guess()}
        self.dcids, self.crypto = [], []
        self.stream, self.isn = [], None

    def last(self):
        return max(self.up.times[-1:] + self.down.times[-1:])

    def first(self):
        return min(self.up.times[:1] + self.down.times[:1])

    def times(self):
        return self.up.times + self.down.times

    def add(self, kind, value):
        self.identifiers.add((kind, value.hex()))


def _bytes(endpoint):
    return endpoint[0] + endpoint[1].to_bytes(2, "big")


class Guess:
    """What the packets of one direction begin with, where the length of their
    CIDs is not known: runs of packets with a common prefix."""

    def __init__(self):
        self.prefix, self.count, self.runs, self.found = b"", 0, 0, []

    def see(self, start):
        common = 0
        while common < min(len(start), len(self.prefix)) and (
            start[common] == self.prefix[common]
        ):
            common += 1
        if self.count and common >= GUESS_LEAST:
            self.prefix, self.count = self.prefix[:common], self.count + 1
        else:
            self.end()
            self.prefix, self.count, self.runs = start, 1, self.runs + 1

    def end(self):
        if self.count >= GUESS_PACKETS:
            self.found.append(self.prefix)
        self.count = 0

    def cids(self):
        self.end()
        return self.found if self.runs <= GUESS_RUNS else []


class Observer:
    """|lb| is what is public of a load balancer: how many bytes of a server's
    CID are the server ID, and how many it has in all; or None."""

    def __init__(self, lb):
        self.lb = lb
        self.flows, self.open = [], {}
        self.server_lengths = {}  # by the server's endpoint
        self.client_lengths = {}  # by tuple
        self.opened = {}

    def see(self, packet):
        key = packet.tuple()
        flow = self.open.get(key)
        if flow is None or packet.t - flow.last() > SILENCE:
            flow = self.open[key] = Flow(key)
            self.flows.append(flow)
        side = flow.up if packet.up else flow.down
        side.times.append(packet.t)
        side.sizes.append(packet.bytes)
        side.ecn.append(packet.ecn != 0)
        if side.ttl is None:
            side.ttl = packet.ttl
        if packet.up and packet.label:
            flow.add("label", packet.label.to_bytes(3, "big"))
        if packet.proto == 17:
            for header in wire.headers(packet.payload):
                self._quic(flow, side, packet, header)
        elif packet.up:
            self._tcp(flow, packet)

    def _quic(self, flow, side, packet, header):
        kind = "cid-up" if packet.up else "cid-down"
        if not header.long:
            side.spins.append(header.spin)
            length = self._length(packet)
            if length is None:
                flow.guesses[packet.up].see(header.data[1 : 1 + CID_MOST])
            elif length > 0:
                flow.add(kind, header.data[1 : 1 + length])
                if packet.up:
                    self._server_cid(flow, header.data[1 : 1 + length])
            return
        if header.dcid:
            flow.add(kind, header.dcid)
        if packet.up:
            self.client_lengths[flow.key] = len(header.scid)
            if header.token:
                flow.add("token", header.token)
            if header.type == wire.INITIAL:
                self._initial(flow, header)
        else:
            self.server_lengths[packet.server] = len(header.scid)
            self._server_cid(flow, header.scid)

    def _length(self, packet):
        """Of the DCID of a short header; None if nobody knows."""
        if packet.up:
            if self.lb:
                return self.lb[1]
            return self.server_lengths.get(packet.server)
        if packet.tuple() in self.client_lengths:
            return self.client_lengths[packet.tuple()]
        lengths = set(self.client_lengths.values())
        return lengths.pop() if len(lengths) == 1 else None

    def _server_cid(self, flow, cid):
        if self.lb and len(cid) == self.lb[1]:
            flow.add("lb", cid[1 : 1 + self.lb[0]])

    def _initial(self, flow, header):
        """Its keys are those of a DCID that the client made up, or that a Retry
        has given it: one of those seen so far."""
        if header.dcid not in flow.dcids:
            flow.dcids.append(header.dcid)
        for dcid in flow.dcids:
            payload = wire.open_initial(header, dcid)
            if payload is not None:
                flow.crypto += wire.crypto_ranges(payload)
                self._hello(flow, wire.assemble(flow.crypto))
                return

    def _tcp(self, flow, packet):
        if packet.syn:
            flow.isn = packet.seq
        elif flow.isn is not None and packet.payload:
            flow.stream.append(((packet.seq - flow.isn - 1) % 2**32, packet.payload))
            start = wire.assemble(flow.stream[:8])
            if start[:1] == b"\x16":
                self._hello(flow, start[5:])

    @staticmethod
    def _hello(flow, hello):
        for ticket in wire.tickets(hello) or []:
            flow.add("ticket", ticket)

    def finish(self):
        for flow in self.flows:
            for up, kind in ((True, "cid-up~"), (False, "cid-down~")):
                for cid in flow.guesses[up].cids():
                    flow.add(kind, cid)
        return self.flows


def observe(packets, lb):
    observer = Observer(lb)
    for packet in packets:
        observer.see(packet)
    return observer.finish()


# ---- rows ----


def _seconds(ns):
    return "%d.%09d" % divmod(ns, 10**9)


def _share(values):
    return "%.6f" % (sum(values) / len(values)) if values else ""


def _ends(side):
    if not side.times:
        return "", ""
    return _seconds(side.times[0]), _seconds(side.times[-1])


def row(flow):
    """The columns of flows.csv that an observer can fill in."""
    up, down = flow.up, flow.down
    client, server, proto = flow.key
    r = {
        "tuple": wire.endpoint_text(client) + ">" + wire.endpoint_text(server),
        "proto": "udp" if proto == 17 else "tcp",
        "ttl_up": "" if up.ttl is None else str(up.ttl),
        "identifiers": " ".join(":".join(i) for i in sorted(flow.identifiers)),
    }
    for name, side in (("up", up), ("down", down)):
        r["t_first_%s_s" % name], r["t_last_%s_s" % name] = _ends(side)
        r["packets_" + name] = str(len(side.times))
        r["bytes_" + name] = str(sum(side.sizes))
        r["max_%s_bytes" % name] = str(max(side.sizes, default=0))
        r["spin_" + name] = _share(side.spins)
        r["ecn_" + name] = _share(side.ecn)
    return r
