"""What `drydock export --format perfetto` writes is what Perfetto's own definitions say a trace is,
and says what the session's views say.

Perfetto's trace processor is not here: the package downloads it when it is first used, from a place
that the build does not go to. So its reading of these packets is followed by hand.
"""

from collections import Counter, defaultdict

import pytest
from conftest import export
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent

# prev_state as Linux 4.4 has it, which the trace processor takes where no version is said.
END_STATES = {0x1: "S", 0x20: "Z", 0x800: "R+"}


@pytest.fixture(scope="session")
def packets(session, tmp_path_factory):
    trace = Trace()
    data = export(session, "perfetto", tmp_path_factory.mktemp("perfetto")).read_bytes()
    assert trace.ParseFromString(data) == len(data)
    # Nothing in it is unknown to the definitions.
    trace.DiscardUnknownFields()
    assert trace.ByteSize() == len(data)
    return trace.packet


def switches(packets):
    for packet in packets:
        for event in packet.ftrace_events.event:
            if event.HasField("sched_switch"):
                yield packet.ftrace_events.cpu, event.timestamp, event.sched_switch


def test_every_packet_is_of_the_sequence_and_in_order(packets):
    assert len(packets) > 50
    assert [p.sequence_flags for p in packets[:2]] == [1, 0]
    last = 0
    for packet in packets:
        assert packet.trusted_packet_sequence_id == 1
        assert packet.timestamp >= last
        last = packet.timestamp
        for event in packet.ftrace_events.event:
            assert event.timestamp == packet.timestamp


def test_tracks_and_threads_are_the_processes(packets, rows):
    tree = packets[0].process_tree
    containers = {process.pid: process.cmdline[0] for process in tree.processes}
    threads = {thread.tid: (thread.name, thread.tgid) for thread in tree.threads}
    expected = {
        pid: (f"{name}({pid} c{cid}:{own})" if cid else f"{name}({pid})", 1_000_000 + cid)
        for pid, name, cid, own in rows("SELECT pid, name, cid, container_pid FROM process")}
    assert threads == expected
    assert {tgid for _, tgid in threads.values()} == set(containers)
    tracks = {
        p.track_descriptor.uuid: p.track_descriptor.thread.tid
        for p in packets if p.HasField("track_descriptor")}
    # What happens to no process is on a track of the machine's.
    assert sorted(tracks.values()) == [0, *sorted(threads)]
    used = {p.track_event.track_uuid for p in packets if p.HasField("track_event")}
    assert used and used <= set(tracks)


def test_slices_are_those_of_the_view(packets, rows):
    open_slices = defaultdict(list)
    found = {}
    for packet in packets:
        event = packet.track_event
        stack = open_slices[event.track_uuid]
        if event.type == TrackEvent.TYPE_SLICE_BEGIN and packet.HasField("track_event"):
            (annotation,) = event.debug_annotations
            assert annotation.name == "seq"
            seq = annotation.int_value
            assert not stack, "a call within a call"
            stack.append((seq, packet.timestamp, event.name))
        elif event.type == TrackEvent.TYPE_SLICE_END:
            seq, begun, name = stack.pop()
            found[seq] = (begun, packet.timestamp - begun, event.track_uuid - 10_000_000, name)
    # What has no end is a call that goes on when the session ends.
    for track, stack in open_slices.items():
        for seq, begun, name in stack:
            found[seq] = (begun, -1, track - 10_000_000, name)
    view = rows("SELECT id, ts, dur, track_id, name FROM slice")
    assert found == {id: tuple(rest) for id, *rest in view}


def test_the_schedule_is_that_of_the_view(packets, rows):
    running = {}
    found = []
    for cpu, time, switch in switches(packets):
        current, since, priority = running.pop(cpu, (0, 0, 0))
        assert switch.prev_pid == current
        if current:
            state = END_STATES[switch.prev_state]
            found.append((since, time - since, cpu, current, state, priority))
        if switch.next_pid:
            running[cpu] = (switch.next_pid, time, switch.next_prio)
    for cpu, (pid, since, priority) in running.items():
        found.append((since, -1, cpu, pid, None, priority))
    view = rows("SELECT ts, dur, cpu, utid, end_state, priority FROM sched")
    assert Counter(found) == Counter(view)


def test_wakings_are_the_wakeups_and_forks(packets, rows):
    wakings = Counter(
        (event.timestamp, event.sched_waking.pid)
        for p in packets for event in p.ftrace_events.event if event.HasField("sched_waking"))
    expected = rows("SELECT time, pid FROM event WHERE kind = 11")
    expected += rows("SELECT time, a0 FROM event WHERE kind = 50")
    assert wakings == Counter(expected)
