/**
 * The gRPC connection to one server.
 *
 * Every client has its own: grpc-js would otherwise share connections between data sources, and closing one would not
 * end anything.
 */
import { Client, connectivityState, credentials, type ChannelOptions } from '@grpc/grpc-js';
import { ProxyError } from '../errors/proxy-error';
import { addressText, type ProbeTarget } from './connection-probe';

/** Bytes that a server may send ahead. With gRPC's 64 KiB a result drains at a third of the speed. */
const FLOW_CONTROL_WINDOW = 8 * 1024 * 1024;

/** Milliseconds until an unanswered connection attempt is given up; TCP itself would try for minutes. */
const CONNECT_LIMIT_MS = 10_000;

const OPTIONS: ChannelOptions = {
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
  // The server cuts batches at 2 MiB but neither large rows nor dictionaries.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 0,
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 5000,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  // What a DNS record says about load balancing is not for a client of one server.
  'grpc.service_config_disable_resolution': 1,
  // Environment variables of the Grafana server mean its own web requests; the probe goes straight as well.
  'grpc.enable_http_proxy': 0,
  'grpc.primary_user_agent': 'micromegas-grafana',
};

/** Opens nothing yet: the first call connects. */
export function createChannel({ host, port, trust }: ProbeTarget): Client {
  const channelCredentials =
    trust === undefined ? credentials.createInsecure() : credentials.createFromSecureContext(trust);
  return new Client(`dns:${addressText(host, port)}`, channelCredentials, OPTIONS);
}

/** True while the channel pauses after a failed attempt to connect. */
export function hasFailed(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.TRANSIENT_FAILURE;
}

/** Waits for the end of one state of the connection. */
function stateChange(client: Client, state: connectivityState, deadlineMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(new ProxyError('query_cancelled'));
    signal.addEventListener('abort', cancel, { once: true });
    client.getChannel().watchConnectivityState(state, deadlineMs, (late) => {
      signal.removeEventListener('abort', cancel);
      if (late === undefined) {
        resolve();
      } else {
        reject(new ProxyError('connection_timeout', { cause: late }));
      }
    });
  });
}

/**
 * Waits until the connection is there, or is known to fail: calls then fail at once with the reason.
 *
 * @throws {ProxyError} `connection_timeout` when nothing answers, `query_cancelled` when `signal` aborts.
 */
export async function waitForConnection(client: Client, limitMs: number, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + Math.min(limitMs, CONNECT_LIMIT_MS);
  for (;;) {
    if (signal.aborted) {
      throw new ProxyError('query_cancelled');
    }
    const state = client.getChannel().getConnectivityState(true);
    if (state !== connectivityState.IDLE && state !== connectivityState.CONNECTING) {
      return;
    }
    await stateChange(client, state, deadlineMs, signal);
  }
}
