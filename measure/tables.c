/* Every CSV file that we write and what its columns mean. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter.h"

#define RUN_COLUMNS                                                            \
  {"scenario", "name of the scenario"}, {"arm", "name of the arm"}, {          \
    "seed", "seed of every random stream of the run"                           \
  }

static const ho_column RUNS[] = {
    RUN_COLUMNS,
    {"outcome", "the worst over clients and handoffs: crashed, timeout, "
                "conn-failed, app-failed, fallback, reconnected, migrated, "
                "completed"},
    {"reason", "in words, why work is left or what went wrong; else empty"},
    {"bytes", "application bytes delivered in order, repetitions not counted"},
    {"fct_s", "when the last client had everything it asked for, of those "
              "whose workload has an end; NA if one never did, empty where "
              "all are endless"},
    {"goodput_mbps", "bytes over fct_s, or over the whole run where some "
                     "workload is endless or did not end"},
    {"handshakes", "TLS handshakes completed by clients"},
    {"handoffs", "rows in handoffs.csv"},
    {"interruption_max_ms", "largest interruption_ms of its handoffs"},
    {"requests", "application requests issued"},
    {"missed", "requests without a whole answer before the run ended; of a "
               "call, frames lost or later than the deadline; of all "
               "clients together"},
    {"delay_max_ms", "longest answered request of any client; NA if one that "
                     "was due was missed (of a call: longest of the frames "
                     "that came)"},
    {"datagrams_up", "IP packets sent at the clients' interfaces"},
    {"datagrams_down", "IP packets received at the clients' interfaces"},
    {"lost_bytes", "bytes of QUIC packets declared lost by either end; for "
                   "TCP, of segments sent again"},
    {"cids_used_client", "connection IDs issued by clients that a packet was "
                         "addressed with; empty for TCP"},
    {"cids_used_server", "connection IDs issued by the server that a packet "
                         "was addressed with; empty for TCP"},
    {"checks_failed", "failed RFC checks of level MUST; empty for TCP and "
                      "with --no-checks"},
    {"state_bytes_server", "what the server's QUIC and HTTP/3 libraries hold "
                           "for one connection at the end of its transfer; "
                           "empty for TCP"},
    {"trace_sha256", "hash of all events of the run"},
    {"resent_bytes", "stream bytes sent again: ranges repeated on their "
                     "connection, and what an abandoned connection had sent "
                     "of its data beyond what had arrived in order"},
    {"fallback_ms", "price of QUIC giving way to TCP, the longest of them: "
                    "from the first attempt with QUIC (after a handoff, its "
                    "first packet on the new path) until TCP's handshake is "
                    "done; empty where there was none"},
    {"connections", "connections that clients started, lost races included"},
    {"stalls", "times that a direction of a call stood still, over the "
               "clients that are in one; empty where none is"},
    {"stall_ms", "total time of these stalls"},
};

static const ho_column HANDOFFS[] = {
    RUN_COLUMNS,
    {"client", "index of the client"},
    {"handoff", "counts the client's handoffs from 0"},
    {"kind", "disconnect, switch, rebind-port, rebind-address, rebind-both, "
             "nat-timeout, nat-flush, migrate, rotate, x2, radio"},
    {"from", "network left"},
    {"to", "network entered"},
    {"t_loss_s", "last moment the old path forwards; for rebind and flush the "
                 "moment of it; for switch, migrate and rotate the command"},
    {"t_up_s", "the new path is usable at the IP layer"},
    {"t_notice_s", "the client's transport is told or finds out; empty where "
                   "nobody tells it"},
    {"t_first_tx_s", "first datagram leaves the client that will show the "
                     "server the new tuple; reconnecting: the new "
                     "connection's first packet"},
    {"t_first_rx_s", "first datagram of the new tuple reaches the server"},
    {"t_challenge_s", "the PATH_CHALLENGE sent on the new path whose "
                      "PATH_RESPONSE first validates it, at the endpoint that "
                      "finished last"},
    {"t_validated_s", "the later of the validating endpoints' PATH_RESPONSEs; "
                      "reconnecting: TLS done and the application can send"},
    {"t_mtu_validated_s", "the second validation with 1200 bytes, where the "
                          "first was undersized"},
    {"t_first_byte_s", "first in-order application byte delivered to the "
                       "receiving application over the new path"},
    {"gap_ms", "max(0, t_up - t_loss) for a break; for make before break minus "
               "the time both worked after the command (until the old network "
               "goes down, the window ends or the run ends); empty for rebind, "
               "flush, migrate, rotate"},
    {"detection_ms", "t_notice - t_loss"},
    {"migration_latency_ms", "t_validated - t_first_tx"},
    {"resume_ms", "t_first_byte - max(t_loss, t_up): comparable between QUIC "
                  "and TCP"},
    {"interruption_ms", "longest time between two in-order application "
                        "deliveries that meets the window; NA if the last "
                        "such wait never ended although something was due"},
    {"interruption_extra_ms", "interruption - median gap between deliveries in "
                              "the 5 s before t_loss"},
    {"pv_rtts", "(t_response - t_challenge) / smallest RTT the new path can "
                "have (twice the network's and the server's delay; of a "
                "radio, the quickest packet up plus the quickest down of the "
                "run), at the endpoint that finished last"},
    {"pv_rounds", "rounds of PATH_CHALLENGEs on the new tuple (more than 1 ms "
                  "apart) of the endpoint that needed most"},
    {"pv_challenges_client", "PATH_CHALLENGEs sent by the client on the new "
                             "tuple"},
    {"pv_challenges_server", "PATH_CHALLENGEs sent by the server on the new "
                             "tuple"},
    {"pv_responses_client", "PATH_RESPONSEs sent by the client on the new "
                            "tuple"},
    {"pv_responses_server", "PATH_RESPONSEs sent by the server on the new "
                            "tuple"},
    {"pv_undersized", "datagrams below 1200 bytes of UDP payload that carried "
                      "a PATH_CHALLENGE or PATH_RESPONSE on the new tuple"},
    {"pv_old_path_challenges", "PATH_CHALLENGEs sent to the old tuple after "
                               "t_loss"},
    {"pv_result", "success, failure or aborted; NA if undecided, empty if "
                  "nothing was validated"},
    {"amp_blocked_ms", "total time the server had data to send and the 3x "
                       "budget was used up"},
    {"inflight_bytes", "bytes in flight at t_loss at the sender of the data"},
    {"lost_bytes",
     "of packets sent on the old tuple: bytes of QUIC packets (no "
     "IP or UDP header) declared lost; for TCP, of segments "
     "whose range was sent again"},
    {"dropped_bytes", "of packets sent on the old tuple, both ways: IP "
                      "bytes really dropped by the network from t_loss on"},
    {"spurious_bytes", "of packets sent on the old tuple: stream bytes sent "
                       "again though the first copy arrived"},
    {"cwnd_before_bytes", "congestion window of the sender at t_loss"},
    {"cwnd_after_bytes", "congestion window after the reset on the new path; "
                         "where nothing is reset, when the new tuple is first "
                         "used"},
    {"srtt_before_ms", "smoothed RTT of the sender at t_loss"},
    {"srtt_after_ms", "smoothed RTT at the first RTT sample on the new path"},
    {"t90_ms",
     "from max(t_loss, t_up) to the first 200 ms bin that with the "
     "four after it carries >= 90 % of the new path's rate (IP bytes "
     "at the receiver on the new tuple); bulk workloads of the client "
     "only, NA if the transfer ended before or the rate is not "
     "known"},
    {"deficit_bytes", "sum over 200 ms bins of max(0, rate x 200 ms - IP bytes "
                      "delivered), from max(t_loss, t_up) until t90; bulk "
                      "workloads of the client only"},
    {"cid_reused_up", "1: a non-empty DCID sent by the client is seen on the "
                      "old and the new tuple; empty where CIDs are empty, for "
                      "TCP and without a new tuple"},
    {"cid_reused_down", "1: a non-empty DCID sent by the server is seen on the "
                        "old and the new tuple"},
    {"outcome", "migrated, reconnected, fallback, app-failed, conn-failed; "
                "unaffected where nothing had to move; NA if the next handoff "
                "or the end came before it was decided"},
    {"resent_bytes", "stream bytes sent again in the window"},
    {"t_down_s", "the operating system sees that the old network is gone; "
                 "empty where it did not move for that"},
    {"t_associated_s", "the new network's radio is associated, where that was "
                       "after t_loss; else empty"},
    {"dissociation_ms", "phase 1, t_down - t_loss: until the loss is noticed"},
    {"association_ms", "phase 2, from t_down to t_associated; 0 where the "
                       "radio was associated before, empty without one"},
    {"address_ms", "phase 3, until t_up; 0 where the new network was usable "
                   "before; empty where no network is left for another"},
    {"notice_ms", "phase 4, t_notice - max(t_down, t_up); empty where nobody "
                  "tells the transport"},
    {"reaction_ms", "phase 5, until t_first_tx"},
    {"validation_ms", "phase 6, t_validated - t_first_tx; empty where the path "
                      "was validated before"},
    {"first_byte_ms", "phase 7, until t_first_byte; negative where data came "
                      "before validation ended.  The phases that are not empty "
                      "add up to t_first_byte - t_loss"},
    {"link_window_ms", "time during which one non-empty CID is seen on both "
                       "tuples, the longest over CIDs: from its first sight "
                       "on the new tuple to its last on the one left first "
                       "(or the next handoff); 0 if never on both at once, "
                       "empty where no CID was reused"},
};

static const ho_column REQUESTS[] = {
    RUN_COLUMNS,
    {"client", "index of the client"},
    {"request", "counts the client's requests from 0"},
    {"t_issued_s", "the application wants it"},
    {"t_first_s", "its first byte is delivered"},
    {"t_last_s", "it is complete"},
    {"bytes", "bytes delivered, repetitions not counted"},
    {"delay_ms", "complete - issued"},
    {"connection", "connection that completed it, or that it is on"},
    {"attempts", "connections it was put on"},
    {"missed", "1: no whole answer before the run ended; of a frame: none "
               "before its deadline (NA if the run ended before that)"},
    {"what", "download, upload, request, echo, frame-up or frame-down"},
};

static const ho_column CIDS[] = {
    RUN_COLUMNS,
    {"client", "index of the client"},
    {"connection", "counts the client's connections from 0"},
    {"issuer", "client or server"},
    {"sequence", "its sequence number"},
    {"cid", "hexadecimal"},
    {"reset_token", "stateless reset token, hexadecimal; empty if it has none"},
    {"t_issued_s", "it comes into being at its issuer"},
    {"tuple", "client>server as the server sees them; a line per tuple it was "
              "seen on, empty if never used"},
    {"t_first_s", "first packet addressed with it on that tuple"},
    {"t_last_s", "last packet addressed with it on that tuple"},
    {"t_retired_s", "the peer sends RETIRE_CONNECTION_ID"},
    {"vantages", "of the scenario's observers, those that saw it on that "
                 "tuple: old, new, both, server, all"},
};

static const ho_column FLOWS[] = {
    RUN_COLUMNS,
    {"vantage", "old, new, both, server or all: where the observer's taps are"},
    {"flow", "counts the vantage's flows from 0, by their first packets"},
    {"tuple", "client>server, as in cids.csv"},
    {"proto", "udp or tcp"},
    {"t_first_up_s", "first packet from the client; empty if there was none"},
    {"t_last_up_s", "last one"},
    {"t_first_down_s", "first packet to the client; empty if there was none"},
    {"t_last_down_s", "last one"},
    {"packets_up", "packets from the client"},
    {"packets_down", "packets to the client"},
    {"bytes_up", "their IP bytes"},
    {"bytes_down", "their IP bytes"},
    {"max_up_bytes", "the largest of them"},
    {"max_down_bytes", "the largest of them"},
    {"spin_up", "share of QUIC's short headers with spin bit 1; empty if there "
                "were none"},
    {"spin_down", "likewise, to the client"},
    {"ecn_up", "share of packets with ECT or CE; empty if there were none"},
    {"ecn_down", "likewise, to the client"},
    {"ttl_up", "TTL or hop limit of the first packet from the client; empty if "
               "there was none"},
    {"identifiers", "kind:hexadecimal, sorted, a space between: cid-up and "
                    "cid-down (of packets to the server, to the client; with "
                    "~ where their length is guessed), label, lb, port, "
                    "ticket, token, tuple"},
    {"client", "ground truth, which no adversary reads, from here on: index of "
               "the client whose it is; empty if it is nobody's"},
    {"moves", "1: that client has a handoff; else 0"},
    {"old_of", "numbers of that client's handoffs which it is the old flow of: "
               "the last on the old tuple that began before t_loss"},
    {"new_of", "likewise the new flow: the first on the new tuple with a "
               "packet at t_loss or later"},
};

static const ho_column CID_LINKS[] = {
    RUN_COLUMNS,
    {"client", "index of the client"},
    {"connection", "counts the client's connections from 0"},
    {"issuer", "client or server; empty for the DCID that a client makes up "
               "for its first Initial"},
    {"sequence", "its sequence number, empty likewise"},
    {"cid", "hexadecimal"},
    {"direction", "up: in packets to the server; down: to the client"},
    {"tuple", "client>server as the server sees them: the first that it was "
              "seen on"},
    {"tuple_next", "the further tuple that it was seen on"},
    {"t_first_s", "first packet addressed with it on the first tuple"},
    {"t_next_s", "first packet addressed with it on the further tuple"},
    {"t_last_s", "last packet addressed with it on the first tuple"},
    {"t_next_last_s", "last packet addressed with it on the further tuple"},
    {"window_ms", "time during which it was seen on both: min(t_last, "
                  "t_next_last) - t_next, at least 0"},
    {"packets", "packets addressed with it on the further tuple"},
    {"cause", "of its first packet there: PATH_CHALLENGE or PATH_RESPONSE, if "
              "it carries one and its sender chose the path; the handoff's "
              "kind, if a NAT changed the tuple or the client moved; else "
              "data"},
    {"packet", "number of that packet, as in events.csv"},
};

static const ho_column SERIES[] = {
    RUN_COLUMNS,
    {"client", "index of the client"},
    {"t_s", "every 100 ms"},
    {"delivered_bytes", "application bytes delivered so far"},
    {"cwnd_bytes", "congestion window of the sender of the data"},
    {"in_flight_bytes", "bytes in flight at the sender"},
    {"srtt_ms", "smoothed RTT at the sender; empty before its first sample"},
    {"net", "network in use"},
};

static const ho_column EVENTS[] = {
    RUN_COLUMNS,
    {"t_s", "virtual time"},
    {"client", "index of the client, empty for none"},
    {"event", "its name"},
    {"detail", "its fields as name=value"},
};

static const ho_column MILESTONES[] = {
    RUN_COLUMNS,
    {"t_s", "virtual time"},
    {"client", "index of the client, empty for none"},
    {"event", "its name; more: how many were left out"},
    {"detail", "its fields as name=value, without packets and addresses"},
};

static const ho_column COST[] = {
    RUN_COLUMNS,
    {"wall_s", "wall-clock time"},
    {"cpu_s", "CPU time"},
    {"peak_kib", "peak resident memory"},
    {"client_transport_s", "in the client's transport library"},
    {"client_tls_s", "in the client's TLS library"},
    {"client_http_s", "in the client's HTTP library"},
    {"server_transport_s", "in the server's transport library"},
    {"server_tls_s", "in the server's TLS library"},
    {"server_http_s", "in the server's HTTP library"},
    {"cpu_ns_per_byte", "CPU time over application bytes"},
};

static const ho_column CHECKS[] = {
    RUN_COLUMNS,
    {"client", "index of the client"},
    {"check", "as in `handoff list checks`"},
    {"clause", "RFC 9000's section, unless another RFC is named"},
    {"level", "MUST, SHOULD or observation; only a failed MUST fails a run"},
    {"verdict", "PASS, FAIL or NOT-EXERCISED: the worst over the client's "
                "connections"},
    {"t_s", "FAIL: when"},
    {"endpoint", "FAIL: client or server, who broke it"},
    {"tuple", "FAIL: client>server, as seen where the packet was seen; empty "
              "where it is no one packet"},
    {"packet", "FAIL: number of the first offending IP packet, as in "
               "events.csv"},
    {"detail", "FAIL: what was wrong; observations: what was seen"},
    {"pn", "FAIL: its QUIC packet number"},
};

#define ESTIMATE(name, meaning)                                                \
  {name, meaning}, {name "_lo", "lower bound of its 95 % interval"}, {         \
    name "_hi", "upper bound of its 95 % interval"                             \
  }

static const ho_column LINKABILITY[] = {
    {"scenario", "name of the scenario"},
    {"arm", "name of the arm"},
    {"adversary", "A0 compares identifiers, A1 also times, A2 also sizes, "
                  "volumes and the spin bit, A3 learns to weigh them"},
    {"vantage", "what it sees: old, new, both, server, all"},
    {"n", "new flows that an old one may have gone on as, its own included; "
          "the mean over queries"},
    {"seeds", "seeds that were evaluated; A3's without those it learned from"},
    ESTIMATE("cid_reuse_up",
             "of the handoffs that are visible before and after, the share "
             "after which a CID that addresses the server is on both tuples; "
             "empty without such CIDs"),
    ESTIMATE("cid_reuse_down",
             "the same of CIDs that address the client; empty without such"),
    ESTIMATE("link_window_ms",
             "median over handoffs of the time during which one CID is seen "
             "on both tuples; empty where none is"),
    ESTIMATE("top1", "share of old flows whose best new flow is the true one, "
                     "1/k where it is one of k equally good ones"),
    ESTIMATE("advantage", "(top1 - 1/n) / (1 - 1/n): 0 for guessing, 1 for "
                          "knowing; empty for n = 1"),
    ESTIMATE("entropy_bits", "mean entropy of the posterior over candidates"),
    ESTIMATE("effective_set", "mean of 2^entropy: as many candidates are left"),
    ESTIMATE("min_entropy_bits",
             "mean of -log2 of the likeliest candidate's probability"),
    ESTIMATE("leak_bits", "mean of log2 n + log2 of the true candidate's "
                          "probability; negative if confidently wrong"),
    ESTIMATE("auc", "area under the ROC curve of all pairs of an old flow and "
                    "a candidate; empty for n = 1"),
    ESTIMATE("tpr_at_fpr_1e-3",
             "share of true pairs found where 1 in 1000 false ones is taken "
             "for true; NA with fewer than 10,000 false pairs"),
    ESTIMATE("swap_advantage",
             "two clients, a hidden coin swaps their new flows: (right - "
             "wrong) / games; empty without swap_game"),
    {"queries", "handoffs that were asked about"},
    {"games", "swap games played; empty without swap_game"},
    {"decided", "swap games in which the adversary did not abstain"},
};

static const ho_column SUMMARY[] = {
    {"scenario", "name of the scenario"},
    {"arm", "name of the arm"},
    {"metric", "column of handoffs.csv, with run. before it of runs.csv"},
    {"n", "rows that have a value, censored ones included"},
    {"seeds", "seeds that these rows are of"},
    {"censored", "of them, those that are NA: they count as greater than all "
                 "others"},
    {"empty", "rows for which the metric is empty"},
    {"median", "NA here and in what follows: that one is censored"},
    {"median_lo", "lower bound of its 95 % interval: bootstrap over seeds, "
                  "over rows with fewer than 10; empty for one value"},
    {"median_hi", "upper bound of it"},
    {"p50", "the median again"},
    {"p90", "90 % quantile"},
    {"p95", "95 % quantile"},
    {"p99", "99 % quantile"},
    {"min", "least value"},
    {"max", "greatest value"},
    {"mean", "mean; NA if one is censored"},
    {"claim", "yes: at least 30 seeds, and something differs between them"},
};

#define TABLE(file, about, columns)                                            \
  { (file), (about), (columns), sizeof(columns) / sizeof((columns)[0]) }

static const ho_table TABLES[] = {
    TABLE("runs.csv", "one run (scenario x varied values x arm x seed)", RUNS),
    TABLE("handoffs.csv", "one network change as one client lived it",
          HANDOFFS),
    TABLE("summary.csv",
          "one metric of one arm, over its seeds (and varied values)", SUMMARY),
    TABLE("requests.csv", "one application request", REQUESTS),
    TABLE("cids.csv", "one connection ID, a line per tuple it was seen on",
          CIDS),
    TABLE("cid_links.csv",
          "one connection ID x further tuple that it was seen on", CID_LINKS),
    TABLE("checks.csv",
          "one RFC check x run and client, not for TCP (without --no-checks)",
          CHECKS),
    TABLE("flows.csv",
          "one flow as an observer saw it (with observers in the scenario)",
          FLOWS),
    TABLE("linkability.csv",
          "one adversary x vantage x arm (with observers in the scenario)",
          LINKABILITY),
    TABLE("series.csv", "samples over time (with --series)", SERIES),
    TABLE("events.csv", "every event (with --events)", EVENTS),
    TABLE("milestones.csv",
          "one event that is not of bulk data, the first 200 of a run (check, "
          "bless)",
          MILESTONES),
    TABLE("cost.csv", "wall and CPU time, peak memory per run", COST),
};

const ho_table *ho_tables(size_t *count) {
  *count = sizeof(TABLES) / sizeof(TABLES[0]);
  return TABLES;
}

const ho_table *ho_table_find(const char *file) {
  for (size_t i = 0; i < sizeof(TABLES) / sizeof(TABLES[0]); i++) {
    if (strcmp(TABLES[i].file, file) == 0) {
      return &TABLES[i];
    }
  }
  return NULL;
}
