// Views of the network: who was connected to whom and what came of it, what became of each datagram; and what a trace
// alone can tell of the network's rules being broken. What is on its way has the same two endpoints where it is sent and
// where it is read, so a direction of a connection is its number and these.

import Sim

extension TraceSchema {
  static var networkViews: [String] { [connectionView, packetView] }

  private static var connectionView: String {
    """
    CREATE VIEW connection AS
    WITH made AS MATERIALIZED (
      SELECT \(SocketConnectEvent.flow) AS flow, seq, time, pid, cid,
        \(SocketConnectEvent.socket) AS socket, \(SocketConnectEvent.local) AS local_end,
        \(SocketConnectEvent.remote) AS remote_end
      FROM event WHERE kind = \(kinds(.socketConnect)) AND \(SocketConnectEvent.flow) <> 0
    ), taken(flow, pid, cid, time) AS MATERIALIZED (
      SELECT \(SocketAcceptEvent.flow), pid, cid, time FROM event
      WHERE kind = \(kinds(.socketAccept))
    ), moved(flow, out_bytes, in_bytes) AS MATERIALIZED (
      SELECT made.flow, sum(CASE WHEN event.\(SocketTransferEvent.socket) = made.socket
          THEN \(SocketTransferEvent.count) ELSE 0 END),
        sum(CASE WHEN event.\(SocketTransferEvent.socket) <> made.socket
          THEN \(SocketTransferEvent.count) ELSE 0 END)
      FROM event JOIN made ON made.flow = event.\(SocketTransferEvent.flow)
      WHERE event.kind = \(kinds(.socketSend)) GROUP BY made.flow
    ), refused(socket, seq, why) AS MATERIALIZED (
      SELECT \(SocketRefuseEvent.socket), seq, \(reading(SocketRefuseEvent.why)) FROM event
      WHERE kind = \(kinds(.socketRefuse)) AND pid = 0 AND \(SocketRefuseEvent.socket) <> 0
    ), closed(flow, time, ends) AS MATERIALIZED (
      SELECT \(SocketCloseEvent.flow), max(time), count(*) FROM event
      WHERE kind = \(kinds(.socketClose)) AND \(SocketCloseEvent.flow) <> 0
      GROUP BY \(SocketCloseEvent.flow)
    )
    SELECT made.flow, made.seq, made.time AS start_ts, made.pid, made.cid,
      \(reading(.endpoint, "local_end")) AS local, \(reading(.endpoint, "remote_end")) AS remote,
      taken.pid AS server_pid, taken.cid AS server_cid, taken.time AS accept_ts,
      coalesce(out_bytes, 0) AS sent, coalesce(in_bytes, 0) AS received,
      CASE WHEN closed.ends = 2 OR closed.ends = 1 AND taken.flow IS NULL THEN closed.time END
        AS end_ts,
      (SELECT why FROM refused WHERE refused.socket = made.socket AND refused.seq > made.seq
        AND taken.flow IS NULL) AS why
    FROM made LEFT JOIN taken USING (flow) LEFT JOIN moved USING (flow) LEFT JOIN closed USING (flow)
    """
  }

  private static var packetView: String {
    """
    CREATE VIEW packet AS
    WITH datagram_socket(socket) AS MATERIALIZED (
      SELECT \(SocketOpenEvent.socket) FROM event
      WHERE kind = \(kinds(.socketOpen)) AND \(SocketOpenEvent.type) = 2
      UNION ALL SELECT 0
    ), fate(flow, time, pid, cid, word) AS MATERIALIZED (
      SELECT \(SocketTransferEvent.flow), time, pid, cid, 'received' FROM event
      WHERE kind = \(kinds(.socketReceive))
        AND \(SocketTransferEvent.socket) IN (SELECT socket FROM datagram_socket)
      UNION ALL
      SELECT \(SocketDropEvent.flow), time, NULL, NULL, \(reading(SocketDropEvent.why)) FROM event
      WHERE kind = \(kinds(.socketDrop))
    )
    SELECT sent.\(SocketTransferEvent.flow) AS flow, sent.seq, sent.time AS start_ts, sent.pid,
      sent.cid, \(reading(SocketTransferEvent.from, of: "sent")) AS from_endpoint,
      \(reading(SocketTransferEvent.to, of: "sent")) AS to_endpoint,
      sent.\(SocketTransferEvent.count) AS count, fate.time AS end_ts, fate.pid AS server_pid,
      fate.cid AS server_cid, fate.word AS fate
    FROM event sent LEFT JOIN fate ON fate.flow = sent.\(SocketTransferEvent.flow)
    WHERE sent.kind = \(kinds(.socketSend))
      AND sent.\(SocketTransferEvent.socket) IN (SELECT socket FROM datagram_socket)
      AND sent.\(SocketTransferEvent.flow) NOT IN (
        SELECT \(HostOpenEvent.flow) FROM event WHERE kind = \(kinds(.hostOpen)))
    """
  }

  // MARK: What was wrong

  /// Sockets bound to addresses of others; what went from one container's lo to another's; connections from the host that
  /// somebody else got; connections that ended with other bytes than were sent.
  static var networkViolations: String {
    """
    WITH bound(socket, network) AS MATERIALIZED (
      SELECT \(SocketBindEvent.socket), \(SocketBindEvent.space) FROM event
      WHERE kind = \(kinds(.socketBind))
    ), addressed(container, address) AS MATERIALIZED (
      SELECT 0, \(NetworkAddress.machine.raw)
      UNION ALL
      SELECT \(ContainerAddressEvent.cid), \(ContainerAddressEvent.address) FROM event
      WHERE kind = \(kinds(.containerAddress))
    ), balance(seq, socket, count, missing) AS MATERIALIZED (
      SELECT seq, \(SocketTransferEvent.socket), \(SocketTransferEvent.count) + (kind = \(kinds(.socketSend))),
        sum(CASE kind WHEN \(kinds(.socketSend)) THEN 1 ELSE -1 END * \(SocketTransferEvent.count))
          OVER (PARTITION BY \(SocketTransferEvent.flow), \(SocketTransferEvent.from),
            \(SocketTransferEvent.to) ORDER BY seq)
      FROM event WHERE kind IN (\(kinds(.socketSend, .socketReceive))) AND \(SocketTransferEvent.flow)
        IN (SELECT \(SocketConnectEvent.flow) FROM event WHERE kind = \(kinds(.socketConnect)))
    )
    SELECT event.seq, event.time, event.pid, event.cid, 'a socket bound to '
      || \(reading(SocketBindEvent.local)) AS found, 'an address of its own' AS expected
    FROM event WHERE kind = \(kinds(.socketBind)) AND \(SocketBindEvent.local) >> 16 <> 0
      AND \(SocketBindEvent.local) >> 40 <> 127 AND NOT EXISTS (
        SELECT 1 FROM addressed WHERE container = \(SocketBindEvent.space)
          AND address = \(SocketBindEvent.local) >> 16)
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'a connection from lo of network '
      || client.network || ' to network ' || listener.network, 'lo to lead to no other network'
    FROM event JOIN bound client ON client.socket = event.\(SocketConnectEvent.socket)
      JOIN bound listener ON listener.socket = event.\(SocketConnectEvent.listener)
    WHERE event.kind = \(kinds(.socketConnect)) AND event.\(SocketConnectEvent.local) >> 40 = 127
      AND client.network <> listener.network
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'a connection from the host to '
      || \(reading(SocketConnectEvent.remote)) || ', which network ' || listener.network || ' got',
      'the network that has the address to get it'
    FROM event JOIN bound listener ON listener.socket = event.\(SocketConnectEvent.listener)
    WHERE event.kind = \(kinds(.socketConnect)) AND event.\(SocketConnectEvent.socket) = 0
      AND NOT EXISTS (
        SELECT 1 FROM addressed WHERE container = listener.network
          AND address = event.\(SocketConnectEvent.remote) >> 16)
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'a datagram from lo of network '
      || sender.network || ' to network ' || receiver.network, 'lo to lead to no other network'
    FROM event JOIN event sent ON sent.kind = \(kinds(.socketSend))
        AND sent.\(SocketTransferEvent.flow) = event.\(SocketTransferEvent.flow)
      JOIN bound sender ON sender.socket = sent.\(SocketTransferEvent.socket)
      JOIN bound receiver ON receiver.socket = event.\(SocketTransferEvent.socket)
    WHERE event.kind = \(kinds(.socketReceive)) AND event.\(SocketTransferEvent.from) >> 40 = 127
      AND sender.network <> receiver.network
    UNION ALL
    -- The echo service, at port 7 of socket 0, answers what came right before.
    SELECT event.seq, event.time, event.pid, event.cid,
      'an answer of the echo service from ' || \(reading(SocketTransferEvent.from, of: "event")),
      'from where it was asked'
    FROM event JOIN event asked ON asked.seq = event.seq - 1
    WHERE event.kind = \(kinds(.socketSend)) AND event.\(SocketTransferEvent.socket) = 0
      AND event.\(SocketTransferEvent.from) & 65535 = 7
      AND asked.kind = \(kinds(.socketReceive)) AND asked.\(SocketTransferEvent.socket) = 0
      AND event.\(SocketTransferEvent.from) <> asked.\(SocketTransferEvent.to)
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'the end of a connection, with '
      || balance.missing || ' bytes that were never read', 'all that was sent before its end'
    FROM balance JOIN event USING (seq) WHERE balance.count = 0 AND balance.missing <> 0
      AND NOT EXISTS (
        SELECT 1 FROM event shut WHERE shut.kind = \(kinds(.socketShutDown))
          AND shut.\(SocketShutDownEvent.socket) = balance.socket AND shut.seq < event.seq
          AND shut.\(SocketShutDownEvent.how) <> 1)
    """
  }
}
