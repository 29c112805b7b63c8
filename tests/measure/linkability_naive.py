#!/usr/bin/env python3
"""Computes flows.csv and linkability.csv a second time, from captures and by
the definitions, and compares.

usage: linkability_naive.py [--lb LENGTHS] FOLDER OLD...
  --lb LENGTHS  of QUIC-LB's server ID and of its CIDs, as 2,8

FOLDER is a result folder, made with --events and --pcap, of a scenario with
`observers`; OLD are the networks in which clients that move start.  All else
is computed from FOLDER/runs, events.csv and handoffs.csv, by code that shares
nothing with the program's.  Exit status 1 where a cell differs.
"""
# SPDX-License-Identifier: GPL-2.0-or-later
import csv
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "naive"))

import flows  # noqa: E402
import table  # noqa: E402
import truth  # noqa: E402
import wire  # noqa: E402

NEAR = 1e-4


def read_rows(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


def shown_at(vantage, old, access, server):
    """The packets that the taps of |vantage| show.  Where both kinds show one,
    it is as the access network shows it."""
    if vantage == "server":
        return server
    if vantage == "old":
        return [p for p in access if p.tap in old]
    if vantage == "new":
        return [p for p in access if p.tap not in old]
    if vantage == "both":
        return access
    known = {p.tuple() for p in access}
    rest = [p for p in server if p.tuple() not in known]
    return sorted(access + rest, key=lambda p: p.t)


def mark(rows, flow_list, clients, arm, seed):
    """The columns of flows.csv that only we can fill in."""
    owner = {}
    for (a, s, client), c in clients.items():
        if (a, s) == (arm, seed):
            owner.update({w[3]: client for w in c.wire})
    for r in rows:
        r["client"] = owner.get(r["tuple"], "")
        c = clients.get((arm, seed, r["client"]))
        r["moves"] = "1" if c and c.handoffs else "0"
        r["old_of"] = r["new_of"] = ""
    for (a, s, client), c in clients.items():
        if (a, s) != (arm, seed):
            continue
        for h in c.handoffs:
            mark_handoff(rows, flow_list, h, truth.tuples(c, h))


def mark_handoff(rows, flow_list, h, tuples):
    if None in tuples:
        return
    t_loss = truth.nanoseconds(h["t_loss_s"])
    old = [
        r
        for r, f in zip(rows, flow_list)
        if r["tuple"] == tuples[0] and f.first() < t_loss
    ]
    new = [
        r
        for r, f in zip(rows, flow_list)
        if r["tuple"] == tuples[1] and max(f.times()) >= t_loss
    ]
    for r, column in [(o, "old_of") for o in old[-1:]] + [(n, "new_of") for n in new[:1]]:
        r[column] = " ".join(r[column].split() + [h["handoff"]])


def compute_flows(folder, old, lb, runs, vantages):
    clients = truth.read(folder)
    rows = []
    for r in runs:
        run = "%s/runs/%s-%s/" % (folder, r["arm"], r["seed"])
        access = wire.read_capture(run + "wire.pcapng")
        server = wire.read_capture(run + "server.pcapng")
        for vantage in vantages:
            seen = flows.observe(shown_at(vantage, old, access, server), lb)
            mine = [flows.row(f) for f in seen]
            mark(mine, seen, clients, r["arm"], r["seed"])
            for number, row in enumerate(mine):
                row.update(
                    scenario=r["scenario"],
                    arm=r["arm"],
                    seed=r["seed"],
                    vantage=vantage,
                    flow=str(number),
                )
            rows += mine
    return rows


class Report:
    def __init__(self):
        self.cells = self.differences = 0

    def cell(self, where, name, mine, theirs, same):
        self.cells += 1
        if not same:
            self.differences += 1
            if self.differences <= 20:
                print("%s: %s is %s, not %s" % (where, name, theirs, mine))


def near(mine, theirs, by):
    if mine in ("", "NA") or theirs in ("", "NA"):
        return mine == theirs
    mine, theirs = float(mine), float(theirs)
    return abs(mine - theirs) <= by * max(1, abs(theirs)) * 1.01


def compare_flows(report, mine, theirs):
    if len(mine) != len(theirs):
        report.cell("flows.csv", "rows", len(mine), len(theirs), False)
    for a, b in zip(mine, theirs):
        where = "flows.csv %s %s %s flow %s" % (a["arm"], a["seed"], a["vantage"], a["flow"])
        for name in b:
            same = a[name] == b[name] or (
                name[:4] in ("spin", "ecn_") and near(a[name], b[name], 1e-6)
            )
            report.cell(where, name, a[name], b[name], same)


def compare_table(report, mine, theirs):
    if len(mine) != len(theirs):
        report.cell("linkability.csv", "rows", len(mine), len(theirs), False)
    for b in theirs:
        key = b["arm"], b["vantage"], b["adversary"]
        for name in list(b)[4:]:
            value = mine[key][name]
            same = near(value, b[name], NEAR)
            report.cell("linkability.csv %s %s %s" % key, name, value, b[name], same)


def main(args):
    lb = None
    if args[0] == "--lb":
        lb = tuple(int(n) for n in args[1].split(","))
        args = args[2:]
    folder, old, report = args[0], args[1:], Report()
    runs = read_rows(folder + "/runs.csv")
    theirs = read_rows(folder + "/linkability.csv")
    vantages = list(dict.fromkeys(r["vantage"] for r in theirs))
    mine = compute_flows(folder, old, lb, runs, vantages)
    compare_flows(report, mine, read_rows(folder + "/flows.csv"))
    windows = {
        (h["arm"], h["seed"], h["client"], h["handoff"]): h["link_window_ms"]
        for h in read_rows(folder + "/handoffs.csv")
    }
    swap_game = theirs[0]["games"] != ""
    again = table.make(mine, vantages, windows, swap_game)
    compare_table(report, again, theirs)
    print("%d cells, %d differ" % (report.cells, report.differences))
    return 1 if report.differences else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    sys.exit(main(sys.argv[1:]))
