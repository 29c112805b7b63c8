"""The cells of linkability.csv, from the rows of flows.csv."""
# SPDX-License-Identifier: GPL-2.0-or-later
import bisect

import game
import stats

MANY_SEEDS = 10
FALSE_PAIRS = 10000
NA, EMPTY = "NA", ""


# ---- rounds ----


def _first_with(rows, column, number):
    return next((r for r in rows if number in r[column].split()), None)


def _round(seed, number, shown, queries, windows, flows):
    """|queries| are clients, |shown| the rows of the vantage point and |flows|
    what an adversary sees of each."""
    found = []
    for client in queries:
        rows = [r for r in shown if r["client"] == client]
        old = _first_with(rows, "old_of", number)
        new = _first_with(rows, "new_of", number)
        window = windows.get((seed, client, number), "")
        found.append(
            game.Query(
                client,
                flows[old["flow"]] if old else None,
                flows[new["flow"]] if new else None,
                float(window) if window else None,
            )
        )
    starts = [q.new.first() for q in found if q.new]
    decoys = [
        flows[r["flow"]]
        for r in shown
        if starts
        and r["client"]
        and r["moves"] == "0"
        and min(starts) <= flows[r["flow"]].first() <= max(starts)
    ]
    servers = {i for r in shown for i in r["identifiers"].split() if i[:3] == "lb:"}
    return game.Round(seed, found, decoys, len(servers))


def _handoffs(rows, column):
    return {(int(n), int(r["client"])) for r in rows for n in r[column].split()}


def _rounds(rows, vantage, windows):
    """All rounds at |vantage| of one arm, by seed."""
    found = {}
    for seed in dict.fromkeys(r["seed"] for r in rows):
        mine = [r for r in rows if r["seed"] == seed]
        shown = [r for r in mine if r["vantage"] == vantage]
        flows = {r["flow"]: game.Flow(r) for r in shown}
        asked = _handoffs(mine, "old_of") & _handoffs(mine, "new_of")
        found[seed] = [
            _round(
                seed,
                str(number),
                shown,
                [str(c) for n, c in sorted(asked) if n == number],
                windows,
                flows,
            )
            for number in sorted({n for n, _ in asked})
        ]
    return found


# ---- estimates ----


class Estimates:
    """Each is (value, low, high, how its bounds were found)."""

    def __init__(self, answers, games):
        self.answers, self.games = answers, games
        seeds = list(dict.fromkeys(a.seed for a in answers))
        self.units = list(range(len(answers)))
        if len(seeds) >= MANY_SEEDS:
            self.units = [seeds.index(a.seed) for a in answers]
        self.count = max(self.units) + 1
        self.cells = {}
        self._links()
        self._ranks()
        self._roc()
        self._swaps()

    def put(self, name, value, bounds):
        self.cells[name] = value
        self.cells[name + "_lo"], self.cells[name + "_hi"] = bounds or (NA, NA)

    def empty(self, name):
        self.put(name, EMPTY, (EMPTY, EMPTY))

    def booted(self, name, value, statistic):
        """|statistic| is a function of the answers' weights."""
        self.put(
            name,
            value,
            stats.bootstrap(
                self.count, lambda times: statistic([times[u] for u in self.units])
            ),
        )

    def mean(self, name, values):
        def weighted(weights):
            pairs = [(w, v) for w, v in zip(weights, values) if v is not None]
            total = sum(w for w, _ in pairs)
            return sum(w * v for w, v in pairs) / total if total else None

        value = weighted([1] * len(values))
        if value is None:
            self.empty(name)
        else:
            self.booted(name, value, weighted)

    def _links(self):
        both = [a.query for a in self.answers if a.query.old and a.query.new]
        for kind, name in (("cid-up", "cid_reuse_up"), ("cid-down", "cid_reuse_down")):
            has = any(
                i[0].rstrip("~") == kind
                for q in both
                for i in q.old.identifiers + q.new.identifiers
            )
            if not has:
                self.empty(name)
                continue
            reused = sum(
                q.old is not q.new and game.shared_bits(q.old, q.new, kind) > 0
                for q in both
            )
            self.put(name, reused / len(both), stats.wilson(reused, len(both)))
        windows = [a.query.window for a in self.answers]

        def middle(weights):
            every = [w for n, w in zip(weights, windows) if w is not None for _ in range(n)]
            return stats.median(every) if every else None

        if any(w is not None for w in windows):
            self.booted("link_window_ms", middle([1] * len(windows)), middle)
        else:
            self.empty("link_window_ms")

    def _ranks(self):
        answers = self.answers
        credits = sum(a.credit for a in answers)
        bounds = stats.wilson(credits, len(answers))
        self.put("top1", credits / len(answers), bounds)
        self.mean("advantage", [a.advantage for a in answers])
        sizes = {a.n for a in answers}
        if len(sizes) == 1 and answers[0].n > 1:
            base = 1 / answers[0].n
            self.put(
                "advantage",
                self.cells["advantage"],
                tuple((b - base) / (1 - base) for b in bounds),
            )
        self.mean("entropy_bits", [a.entropy for a in answers])
        self.mean("effective_set", [a.effective for a in answers])
        self.mean("min_entropy_bits", [a.min_entropy for a in answers])
        self.mean("leak_bits", [a.leak for a in answers])

    def _roc(self):
        trues = [a.scores[a.true] for a in self.answers]
        falses = [[] for _ in range(self.count)]
        for unit, a in zip(self.units, self.answers):
            falses[unit] += [s for i, s in enumerate(a.scores) if i != a.true]
        for row in falses:
            row.sort()
        # Of the true ones of one unit against the false ones of another.
        wins = [[0.0] * self.count for _ in range(self.count)]
        positives = [self.units.count(u) for u in range(self.count)]
        for unit, t in zip(self.units, trues):
            for other, row in enumerate(falses):
                below, upto = bisect.bisect_left(row, t), bisect.bisect_right(row, t)
                wins[unit][other] += (below + upto) / 2

        def area(times):
            there = [u for u, n in enumerate(times) if n]
            pairs = sum(times[u] * positives[u] for u in there) * sum(
                times[u] * len(falses[u]) for u in there
            )
            won = sum(times[u] * times[v] * wins[u][v] for u in there for v in there)
            return won / pairs if pairs else None

        every = sorted(sum(falses, []))
        if not every:
            self.empty("auc")
            self.empty("tpr_at_fpr_1e-3")
            return
        self.put("auc", area([1] * self.count), stats.bootstrap(self.count, area))
        if len(every) < FALSE_PAIRS:
            self.put("tpr_at_fpr_1e-3", NA, (NA, NA))
            return
        above = next(
            s
            for s in every
            if len(every) - bisect.bisect_right(every, s) <= len(every) / 1000
        )
        found = sum(t > above for t in trues)
        bounds = stats.wilson(found, len(trues))
        self.put("tpr_at_fpr_1e-3", found / len(trues), bounds)

    def _swaps(self):
        if self.games is None:
            self.empty("swap_advantage")
            self.cells["games"] = self.cells["decided"] = EMPTY
            return
        count, right = len(self.games), self.games.count(1)
        decided = right + self.games.count(-1)
        self.cells["games"], self.cells["decided"] = count, decided
        if count == 0:
            self.empty("swap_advantage")
        elif decided == 0:
            high = stats.clopper_pearson(0, count)[1]
            self.put("swap_advantage", 0.0, (-high, high))
        else:
            low, high = stats.clopper_pearson(right, decided)
            share = decided / count
            self.put(
                "swap_advantage",
                sum(self.games) / count,
                ((2 * low - 1) * share, (2 * high - 1) * share),
            )


def _movers(rows):
    """Of a seed, in their order."""
    clients = {int(r["client"]) for r in rows if r["moves"] == "1"}
    return [str(c) for c in sorted(clients)]


def _row(rounds, adversary, model, movers):
    lost = adversary == "A3" and model is None
    adversary = "A0" if lost else adversary
    answers, games = [], None if movers is None else []
    for seed, of_seed in rounds.items():
        for r in of_seed:
            more, scored = game.play(r, adversary, model)
            answers += more
            if movers is not None:
                games += game.swap_games(r, scored, movers[seed])
    sizes = [a.n for a in answers]
    cells = Estimates(answers, games).cells
    if lost:
        cells = {name: NA for name in cells}
        if games is not None:
            cells["games"] = cells["decided"] = 0
    cells["n"] = sizes[0] if len(set(sizes)) == 1 else stats.mean(sizes)
    cells["seeds"] = len(rounds)
    cells["queries"] = len(answers)
    return cells


def make(rows, vantages, windows, swap_game):
    """The cells by (arm, vantage, adversary); |windows| are link_window_ms by
    (arm, seed, client, handoff)."""
    table = {}
    for arm in dict.fromkeys(r["arm"] for r in rows):
        mine = [r for r in rows if r["arm"] == arm]
        own = {k[1:]: w for k, w in windows.items() if k[0] == arm}
        seeds = list(dict.fromkeys(r["seed"] for r in mine))
        movers = {s: _movers([r for r in mine if r["seed"] == s]) for s in seeds}
        for vantage in vantages:
            rounds = _rounds(mine, vantage, own)
            half = (len(seeds) + 1) // 2
            first = sum((rounds[s] for s in seeds[:half]), [])
            learned = game.train(first) if len(seeds) > 1 else None
            for adversary in game.ADVERSARIES:
                judged = seeds[half:] if adversary == "A3" else seeds
                table[arm, vantage, adversary] = _row(
                    {s: rounds[s] for s in judged},
                    adversary,
                    learned,
                    movers if swap_game else None,
                )
    return table
