/* Tests of what is said of bad networks, NATs, clients and servers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

#define WIRED     "type: wired, down: 1Mbps, up: 1Mbps"
#define NET(keys) NAME "networks: {a: {" keys "}}\n" WORK

static const bad_case bad_networks[] = {
    {"name: t\n"
     "stop: 60s\n"
     "networks: {}\n"
     "workload: {type: download, bytes: 1MB}\n",
     "x:3:11: 'networks' must be a map such as {home: {type: wired, down: "
     "100Mbps, up: 20Mbps}}\n"},
    {"name: t\n"
     "stop: 60s\n"
     "networks: [a]\n"
     "workload: {type: download, bytes: 1MB}\n",
     "x:3:11: 'networks' must be a map such as {home: {type: wired, down: "
     "100Mbps, up: 20Mbps}}\n"},
    {"name: t\n"
     "stop: 60s\n"
     "networks: {a: 5}\n"
     "workload: {type: download, bytes: 1MB}\n",
     "x:3:15: network 'a' must be a map such as {type: wired, down: 100Mbps, "
     "up: 20Mbps}\n"},
    {"name: t\n"
     "stop: 60s\n"
     "networks: {a.b: {type: wired, down: 1Mbps, up: 1Mbps}}\n"
     "workload: {type: download, bytes: 1MB}\n",
     "x:3:12: 'a.b' cannot name a network (expected a letter, then letters, "
     "digits, - and _, at most 64)\n"},
    {"name: t\n"
     "stop: 60s\n"
     "networks:\n"
     "  home: {type: wired, down: 100Mbps, up: 20Mbps, nat: home-router}\n"
     "  home: {type: wired, down: 50Mbps, up: 25Mbps}\n"
     "workload: {type: download, bytes: 1MB}\n",
     "x:5:3: network 'home' is defined twice (first in line 4)\n"},
    {NET("down: 1Mbps"), "x:3:12: network 'a' lacks 'type' (such as wired)\n"},
    {NET("type: [wired]"), "x:3:22: 'type' must be a single value\n"},
    {NET("type: wired, down: 5MB"),
     "x:3:12: network 'a' lacks 'up' (the rate from the client, such as "
     "20Mbps)\n"
     "x:3:35: '5MB' is a size (expected a rate such as 10Mbps)\n"},
    {NET("type: wird, down: 5MB, up: 1Mbps"),
     "x:3:22: 'wird' is no value of 'type' (expected wired, trace, wifi, lte "
     "or "
     "preset)\n"},
    {NET(WIRED ", delay: 20"),
     "x:3:60: '20' has no unit (expected a duration such as 20ms)\n"},
    {NET(WIRED ", delay: -3ms"),
     "x:3:60: '-3ms' is negative (expected a duration such as 20ms)\n"},
    {NET(WIRED ", delay: 3ms, delay: 4ms"),
     "x:3:65: 'delay' is given twice (first in line 3)\n"},
    {NET(WIRED ", dely: 3ms"),
     "x:3:53: unknown key 'dely' in network 'a' (did you mean 'delay'?)\n"},
    {NET(WIRED ", ecn: blech"),
     "x:3:58: 'blech' is no value of 'ecn' (expected pass or bleach)\n"},
    {NET(WIRED ", delay: [1ms]"), "x:3:60: 'delay' must be a single value\n"},
    {NET(WIRED ", delay: "),
     "x:3:60: no value (expected a duration such as 20ms)\n"},
    {NET("type: wired, down: -5Mbps, up: 0Mbps, loss: 1%"),
     "x:3:35: '-5Mbps' is negative (expected a rate such as 10Mbps)\n"
     "x:3:47: '0Mbps' is out of range for 'up' (expected more than 0bps)\n"},
    {NET(WIRED ", loss: 101%, reorder: 0.1"),
     "x:3:59: '101%' is out of range for 'loss' (expected 0% to 100%)\n"
     "x:3:74: '0.1' has no unit (expected a percentage such as 1%)\n"},
    {NET(WIRED ", jitter: 5ms..1ms, queue: 0p"),
     "x:3:61: range '5ms..1ms' runs backward\n"
     "x:3:78: '0p' is out of range for 'queue' (expected more than nothing)\n"},
    {NET(WIRED ", queue: 1p..2bdp"), "x:3:60: range '1p..2bdp' mixes units\n"},
    {NET(WIRED ", queue: 10"), "x:3:60: '10' has no unit (expected a queue "
                               "size such as 1bdp, 100p or 64KB)\n"},
    {NET(WIRED ", family: ipv5, connected: maybe"),
     "x:3:61: 'ipv5' is no value of 'family' (expected ipv4 or ipv6)\n"
     "x:3:78: 'maybe' is no value of 'connected' (expected true or false)\n"},
    {NET(WIRED ", mtu: 1279, address: 3"),
     "x:3:58: '1279' is out of range for 'mtu' (expected 1280 to 1500)\n"
     "x:3:73: '3' has no unit (expected a duration such as 20ms)\n"},
    {NET(WIRED ", mtu: 1501B"),
     "x:3:58: '1501B' is out of range for 'mtu' (expected 1280B to 1500B)\n"},
    {NET(WIRED ", mtu: big, background: 5Mbps"),
     "x:3:58: 'big' is not a size (expected a size such as 64KB)\n"
     "x:3:75: 'background' must be a map such as {down: 20Mbps, up: 2Mbps}\n"},
    {NET(WIRED ", background: {down: 5MB, delay: 3ms}, family: [ipv4]"),
     "x:3:72: '5MB' is a size (expected a rate such as 10Mbps)\n"
     "x:3:77: unknown key 'delay' in 'background'\n"
     "x:3:98: 'family' must be a single value\n"},
    {NET(WIRED ", backhaul: {}, distance: 5m, name: dsl, ues: 3"),
     "x:3:53: 'backhaul' is not a key of network 'a': it belongs to wifi and "
     "lte\n"
     "x:3:67: 'distance' is not a key of network 'a': it belongs to wifi and "
     "lte\n"
     "x:3:81: 'name' is not a key of network 'a': it belongs to preset\n"
     "x:3:92: 'ues' is not a key of network 'a': it belongs to lte\n"},
    {NET(WIRED ", nat: cgnn"),
     "x:3:58: 'cgnn' is no value of 'nat' (expected none, home-router, cgn, "
     "symmetric or full-cone)\n"},
    {NET(WIRED ", nat: [a]"),
     "x:3:58: 'nat' must be a map such as {mapping: endpoint-independent, "
     "udp_timeout: 30s}, or a preset\n"},
    {NET(WIRED ", nat: {mapping: x, pool: 0, udp_timeout: 0s, unknown_tcp: no, "
               "foo_bar: 1}"),
     "x:3:68: 'x' is no value of 'mapping' (expected endpoint-independent, "
     "address-dependent or address-and-port-dependent)\n"
     "x:3:77: '0' is out of range for 'pool' (expected 1 to 127)\n"
     "x:3:93: '0s' is out of range for 'udp_timeout' (expected more than 0ns)\n"
     "x:3:110: 'no' is no value of 'unknown_tcp' (expected drop or rst)\n"
     "x:3:114: unknown key 'foo_bar' in 'nat'\n"},
    {NET(WIRED ", nat: {preset: x, pool: 128}"),
     "x:3:67: 'x' is no value of 'nat' (expected none, home-router, cgn, "
     "symmetric or full-cone)\n"
     "x:3:76: '128' is out of range for 'pool' (expected 1 to 127)\n"},
};

static const bad_case bad_client[] = {
    {BASE "client: home\n",
     "x:7:9: 'client' must be a map such as {start: home}\n"},
    {BASE "client: {start: hom}\n",
     "x:7:17: undefined network 'hom' (did you mean 'home'?)\n"},
    {BASE "client: {start: [home]}\n",
     "x:7:17: 'start' must be a single value\n"},
    {BASE "client: {notice: 20}\n",
     "x:7:18: '20' has no unit (expected a duration such as 20ms)\n"},
    {BASE "client: {notice: nevr}\n",
     "x:7:18: 'nevr' is no value of 'notice' (expected a duration such as "
     "20ms, or never)\n"},
    {BASE "client: {begin: 5, stagger: 1..2s, return: nver}\n",
     "x:7:17: '5' has no unit (expected a duration such as 20ms)\n"
     "x:7:29: '1' has no unit (expected a duration such as 20ms)\n"
     "x:7:44: 'nver' is no value of 'return' (expected a duration such as "
     "20ms, "
     "or never)\n"},
    {BASE "clients: 60\n"
          "client: {begin: 0s..1s, stagger: 1s}\n",
     "x:8:34: a client can begin at 60s, which is not before 'stop' at 60s\n"},
    {BASE "client: {begin: 50s..70s}\n",
     "x:7:17: the client can begin at 70s, which is not before 'stop' at "
     "60s\n"},
    {BASE "client: {strat: home}\n",
     "x:7:10: unknown key 'strat' in 'client' (did you mean 'start'?)\n"},
    {NET(WIRED ", connected: false"),
     "x:3:11: no network is connected at time 0\n"},
    {NET(WIRED ", connected: false") "client: {start: a}\n",
     "x:3:11: no network is connected at time 0\n"
     "x:5:17: client.start: network 'a' is not connected at time 0\n"},
    {"name: t\n"
     "stop: 60s\n"
     "networks:\n"
     "  home: {type: wired, down: 100Mbps, up: 20Mbps, nat: home-router}\n"
     "  cell: {type: wired, down: 50Mbps, up: 25Mbps, connected: false}\n"
     "workload: {type: download, bytes: 1MB}\n"
     "client: {start: cell}\n",
     "x:7:17: client.start: network 'cell' is not connected at time 0\n"},
};

static const bad_case bad_balancer[] = {
    {BASE "server: {load_balancer: y}\n",
     "x:7:25: 'load_balancer' must be a map such as {servers: 16}\n"},
    {BASE "server: {load_balancer: {encryption: aes}}\n",
     "x:7:25: 'load_balancer' lacks 'servers' (how many servers there are)\n"},
    {BASE
     "server: {load_balancer: {servers: 0, encryption: on, nonce_lenght: 5,\n"
     "  server_id_length: 16, nonce_length: 3}}\n",
     "x:7:35: '0' is out of range for 'servers' (expected 1 to 65535)\n"
     "x:7:50: 'on' is no value of 'encryption' (expected none or aes)\n"
     "x:7:54: unknown key 'nonce_lenght' in 'load_balancer' (did you mean "
     "'nonce_length'?)\n"
     "x:8:21: '16' is out of range for 'server_id_length' (expected 1 to 15)\n"
     "x:8:39: '3' is out of range for 'nonce_length' (expected 4 to 18)\n"},
    {BASE "server: {load_balancer: {servers: 65536, server_id_length: 0,\n"
          "  nonce_length: 19}}\n",
     "x:7:35: '65536' is out of range for 'servers' (expected 1 to 65535)\n"
     "x:7:60: '0' is out of range for 'server_id_length' (expected 1 to 15)\n"
     "x:8:17: '19' is out of range for 'nonce_length' (expected 4 to 18)\n"},
    {BASE "server: {load_balancer: {servers: 257, server_id_length: 1}}\n",
     "x:7:35: '257' servers do not fit a 'server_id_length' of 1 (expected 256 "
     "or less)\n"},
    /* What could be wrong for one seed is wrong. */
    {BASE "server: {load_balancer: {servers: 2..257, server_id_length: "
          "1..2}}\n",
     "x:7:35: '2..257' servers do not fit a 'server_id_length' of 1 (expected "
     "256 or less)\n"},
    {BASE "server: {load_balancer: {servers: 2, server_id_length: 15}}\n",
     "x:7:56: 'server_id_length' and 'nonce_length' are 20 together (expected "
     "19 or less: a connection ID has at most 20)\n"},
    {BASE "server: {load_balancer: {servers: 2, nonce_length: 4..18}}\n",
     "x:7:52: 'server_id_length' and 'nonce_length' are 20 together (expected "
     "19 or less: a connection ID has at most 20)\n"},
    {BASE "server: {cid_length: 9, load_balancer: {servers: 2}}\n",
     "x:7:22: 'cid_length' follows from 'load_balancer' (1 + server_id_length "
     "+ nonce_length)\n"},
    {BASE "server: {cid_length: 8, load_balancer: {servers: 2, nonce_length: "
          "5..6}}\n",
     "x:7:22: 'cid_length' follows from 'load_balancer' (1 + server_id_length "
     "+ nonce_length)\n"},
    {BASE "server: {cid_length: 8..9, load_balancer: {servers: 2}}\n",
     "x:7:22: 'cid_length' follows from 'load_balancer' (1 + server_id_length "
     "+ nonce_length)\n"},
    /* One thing at a time. */
    {BASE "server: {cid_length: 21, load_balancer: {servers: 2}}\n",
     "x:7:22: '21' is out of range for 'cid_length' (expected 0 to 20)\n"},
};

static const bad_case bad_server[] = {
    {BASE "server: {cid_length: 21, active_connection_id_limit: 9, "
          "idle_timeout: 0s, retry: 3}\n",
     "x:7:22: '21' is out of range for 'cid_length' (expected 0 to 20)\n"
     "x:7:54: '9' is out of range for 'active_connection_id_limit' (expected 2 "
     "to 8)\n"
     "x:7:71: '0s' is out of range for 'idle_timeout' (expected more than "
     "0ns)\n"
     "x:7:82: '3' is no value of 'retry' (expected true or false)\n"},
    {BASE "server: {active_connection_id_limit: 1..3}\n",
     "x:7:38: '1..3' is out of range for 'active_connection_id_limit' "
     "(expected 2 to 8)\n"},
    {BASE "server: {cid_length: 0..21}\n",
     "x:7:22: '0..21' is out of range for 'cid_length' (expected 0 to 20)\n"},
    {BASE "server: {preferred_address: ipv5}\n",
     "x:7:29: 'ipv5' is no value of 'preferred_address' (expected ipv4, ipv6 "
     "or both)\n"},
    {BASE "server: {preferred_address: [ipv4]}\n",
     "x:7:29: 'preferred_address' must be a map such as {family: ipv4, dead: "
     "true}\n"},
    {BASE "server: {preferred_address: {familly: ipv4, dead: maybe}}\n",
     "x:7:30: unknown key 'familly' in 'preferred_address' (did you mean "
     "'family'?)\n"
     "x:7:51: 'maybe' is no value of 'dead' (expected true or false)\n"},
    {BASE "server: {preferred_address: {family: [ipv4]}}\n",
     "x:7:38: 'family' must be a single value\n"},
    {BASE "server: {preferred_address: {family: any}}\n",
     "x:7:38: 'any' is no value of 'preferred_address' (expected ipv4, ipv6 or "
     "both)\n"},
    {BASE "server: {preferred_address: $p}\n",
     "x:7:29: '$p' is not defined under 'vars'\n"},
    {BASE "server: {cid_length: 0, preferred_address: ipv4}\n",
     "x:7:44: 'preferred_address' needs a 'cid_length' of 1 or more (RFC 9000, "
     "18.2)\n"},
    /* A length that is none says nothing about the address. */
    {BASE "server: {cid_length: 0B, preferred_address: ipv4}\n",
     "x:7:22: '0B' is not a whole number\n"},
    /* What could be wrong for one seed is wrong. */
    {BASE "server: {cid_length: 0..8, preferred_address: {dead: true}}\n",
     "x:7:47: 'preferred_address' needs a 'cid_length' of 1 or more (RFC 9000, "
     "18.2)\n"},
    {BASE "server: 5\n",
     "x:7:9: 'server' must be a map such as {delay: 10ms}\n"},
    {BASE "server: {delay: 20 ms, idle_timeout: 1..2s}\n",
     "x:7:17: '20 ms' has a space before its unit (expected a duration such as "
     "20ms)\n"
     "x:7:38: '1' has no unit (expected a duration such as 20ms)\n"},
    {BASE "server: {delay: 0.0000001ms, idle_timeout: 99999999999h}\n",
     "x:7:17: '0.0000001ms' is finer than 1ns\n"
     "x:7:44: '99999999999h' is too large (at most 1000000000s)\n"},
    {BASE "server:\n"
          "  delay: \"20\"\n",
     "x:8:11: '20' has no unit (expected a duration such as 20ms)\n"},
};

ERRORS_TEST(networks)
ERRORS_TEST(client)
ERRORS_TEST(server)
ERRORS_TEST(balancer)

static void add(TCase *tc) {
  tcase_add_loop_test(tc, networks_errors, 0, COUNT(bad_networks));
  tcase_add_loop_test(tc, client_errors, 0, COUNT(bad_client));
  tcase_add_loop_test(tc, server_errors, 0, COUNT(bad_server));
  tcase_add_loop_test(tc, balancer_errors, 0, COUNT(bad_balancer));
}

int main(void) {
  return suite_run("network_errors", add);
}
