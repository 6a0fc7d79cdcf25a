/**
 * The line by which Grafana learns where its plugin listens, the only thing that ever goes to stdout.
 *
 * Fields: core protocol, application protocol, network, address, kind of RPC. Rules: hashicorp/go-plugin `server.go`.
 */
import { listenText, type ListenAddress } from './listen-address';
import { PROTOCOL_VERSION } from './start-mode';

const CORE_PROTOCOL_VERSION = 1;

export function handshakeLine(address: ListenAddress): string {
  return `${CORE_PROTOCOL_VERSION}|${PROTOCOL_VERSION}|${address.network}|${listenText(address)}|grpc\n`;
}
