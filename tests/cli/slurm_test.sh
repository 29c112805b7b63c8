#!/bin/sh
# scripts/cluster/slurm, with a controller and a node of our own: the array is
# run, a task that is interrupted goes on, and what comes out is the bytes of
# one command.
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: slurm_test.sh HANDOFF SOURCE-DIR
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
slurm=$2/scripts/cluster/slurm
if ! command -v slurmctld slurmd munged sbatch >/dev/null ||
  [ "$(id -u)" != 0 ]; then
  echo "skipped: no slurm-wlm, or not root" >&2
  exit 77
fi

# Daemons that this test starts, and ends by their numbers.
host=$(hostname -s)
mkdir -m 755 munge state spool
chmod 755 "$work"
chown -R munge: munge 2>/dev/null || exit 77
dd if=/dev/urandom bs=1 count=1024 2>/dev/null >munge/key
chown munge: munge/key
chmod 400 munge/key
cat >slurm.conf <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthInfo=socket=$work/munge/socket
AuthType=auth/munge
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/ctld.pid
SlurmdPidFile=$work/d.pid
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerParameters=sched_interval=1,sched_min_interval=0
ReturnToService=2
MinJobAge=600
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$work/slurm.conf"
runuser -u munge -- munged -F -S "$work/munge/socket" \
  --key-file "$work/munge/key" --log-file "$work/munge/log" \
  --pid-file "$work/munge/pid" --seed-file "$work/munge/seed" \
  >munge.log 2>&1 &
munge_pid=$!
until [ -S munge/socket ] || ! kill -0 $munge_pid 2>/dev/null; do
  sleep 0.1
done
slurmctld -D >ctld.log 2>&1 &
ctld_pid=$!
slurmd -D -N "$host" >d.log 2>&1 &
d_pid=$!
trap 'scancel -u root 2>/dev/null; kill $d_pid $ctld_pid $munge_pid 2>/dev/null
  wait; rm -rf "$work"' EXIT
tries=0
until sinfo -h -o %T 2>/dev/null | grep -qx idle; do
  tries=$((tries + 1))
  if [ $tries -gt 150 ]; then
    echo "skipped: no Slurm can be started here: $(tail -3 ctld.log d.log)" >&2
    exit 77
  fi
  sleep 0.2
done

# state JOB: of all that belong to it.
state() {
  squeue -h -j "$1" -o %T 2>/dev/null | sort -u | tr '\n' ' '
}

# finished JOB: waits ten minutes (Slurm holds what is queued again for a while)
# for it to leave the queue.
finished() {
  tries=0
  while [ -n "$(state "$1")" ] && [ "$(state "$1")" != "COMPLETED " ]; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || return 1
    sleep 0.2
  done
}

scenario short >short.yaml
HANDOFF=$handoff
export HANDOFF
set -- short.yaml --repeat 100 --vary networks.cell.delay=20ms,60ms
expect 0 "$handoff" run "$@" --out whole
expect 0 "$slurm" --out out.d -n 2 --time=10 -- "$@" -j 1
read -r array merge <out
tries=0
until [ -s out.d.shards/.shard-1.partial/parts/rows ]; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || break
  sleep 0.1
done
# What a time limit sends, and what a lost node is: the task goes on.
scancel --signal=INT --batch "${array}_1"
finished "$array" || fail "the array does not end: $(state "$array")\
$(scontrol show job "$array" | grep -E 'JobState|RunTime|StartTime')\
$(cat out.d.shards/*.log)"
finished "$merge" || fail "the merge does not end: $(state "$merge")"
grep -q 'runs are kept in' out.d.shards/1.log ||
  fail "was not interrupted: $(cat out.d.shards/*.log)"
for file in whole/*; do
  [ "$file" = whole/cost.csv ] || cmp "$file" "out.d/${file#*/}" ||
    fail "$file differs: $(cat out.d.shards/*.log)"
done
grep -q '^60ms .* tcp-notify ' out.d.shards/merge.log || fail "no table"

finish
