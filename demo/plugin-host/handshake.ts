/** Parses the handshake line with the plugin's address (hashicorp/go-plugin `client.go`). */

/** @returns The address for grpc-js. @throws {Error} Grafana's message if the line is no handshake. */
export function parseHandshake(line: string): string {
  const [core, app, network, address, rpc] = line.split('|').map((field) => field.trim());
  if (core !== '1' || app !== '2' || rpc !== 'grpc' || address === undefined || address === '') {
    throw new Error(`Unrecognized remote plugin message: ${JSON.stringify(line)}`);
  }
  if (network !== 'unix' && network !== 'tcp') {
    throw new Error(`Unknown network in the handshake: ${JSON.stringify(line)}`);
  }
  return network === 'unix' ? `unix:${address}` : address;
}
