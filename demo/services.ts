/**
 * The demo's lakehouse and issuer as one child process for tests and tools, with an HTTP interface to cause faults.
 *
 * Prints one line of JSON on stdout and runs until SIGTERM, SIGINT or the end of stdin. A server that is stopped and
 * started again has the same port.
 *
 *   GET  /audit             recorded queries, oldest first
 *   POST /issuer/stop       /issuer/start
 *   POST /lakehouse/stop    /lakehouse/start (a new lakehouse, with an empty audit log)
 *   POST /revoke            rejects every token issued so far
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Issuer, type IssuerOptions, startIssuer } from './issuer/issuer';
import { type Lakehouse, type LakehouseOptions, startLakehouse } from './lakehouse/lakehouse';

/** The line on stdout. */
export interface ServicesAddress {
  /** `host:port`. */
  lakehouse: string;
  /** Start of the lakehouse, in milliseconds since 1970. The times of the demo's events are relative to this start. */
  lakehouseStartMs: number;
  issuer: string;
  apiKey: string;
  clientId: string;
  clientSecret: string;
  audience: string;
  /** Base URL of this interface. */
  control: string;
}

const AUDIENCE = 'micromegas-demo';
const CLIENT_ID = 'grafana-demo';

async function main(): Promise<void> {
  const apiKey = `mmk_${randomBytes(32).toString('base64url')}`;
  const clientSecret = randomBytes(24).toString('base64url');
  const issuerOptions: IssuerOptions = {
    clients: [{ clientId: CLIENT_ID, clientSecret, audiences: [AUDIENCE, 'another-api'] }],
  };
  let issuer: Issuer | undefined = await startIssuer(issuerOptions);
  const address = issuer.issuer;
  issuerOptions.signingKey = issuer.signingKey;
  issuerOptions.port = Number(new URL(address).port);
  const lakehouseOptions: LakehouseOptions = {
    apiKeys: [{ name: 'demo', key: apiKey }],
    issuers: [{ issuer: address, audience: AUDIENCE }],
  };
  let lakehouse: Lakehouse | undefined = await startLakehouse(lakehouseOptions);
  const lakehouseAddress = lakehouse.address;
  lakehouseOptions.port = Number(new URL(`http://${lakehouseAddress}`).port);

  const stopIssuer = async (): Promise<void> => {
    await issuer?.close();
    issuer = undefined;
  };
  const stopLakehouse = async (): Promise<void> => {
    await lakehouse?.close();
    lakehouse = undefined;
  };
  const control = await startControl({
    'GET /audit': () => lakehouse?.audit.records ?? [],
    'POST /issuer/stop': stopIssuer,
    'POST /issuer/start': async () => void (issuer ??= await startIssuer(issuerOptions)),
    'POST /lakehouse/stop': stopLakehouse,
    'POST /lakehouse/start': async () => void (lakehouse ??= await startLakehouse(lakehouseOptions)),
    'POST /revoke': () => lakehouse?.revokeTokens(),
  });

  const line: ServicesAddress = {
    lakehouse: lakehouseAddress,
    lakehouseStartMs: lakehouse.startMs,
    issuer: address,
    apiKey,
    clientId: CLIENT_ID,
    clientSecret,
    audience: AUDIENCE,
    control: control.url,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (!stopping) {
      stopping = true;
      control.close();
      await Promise.all([stopIssuer(), stopLakehouse()]);
      process.exit(0);
    }
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.stdin.on('end', () => void stop()).resume();
}

type Routes = Record<string, () => unknown>;

/**
 * Starts the HTTP interface. The response is the value of the route as JSON, 204 if the route has no value, or 404 if
 * the route is unknown. Handles one request at a time.
 */
async function startControl(routes: Routes): Promise<{ url: string; close(): void }> {
  let turn: Promise<void> = Promise.resolve();
  const server = createServer((request, response) => {
    const route = routes[`${request.method} ${request.url}`];
    turn = turn
      .then(async () => {
        const body = route === undefined ? undefined : await route();
        response.statusCode = route === undefined ? 404 : body === undefined ? 204 : 200;
        response.setHeader('content-type', 'application/json');
        response.end(body === undefined ? undefined : JSON.stringify(body));
      })
      .catch((reason: unknown) => {
        response.statusCode = 500;
        response.end(JSON.stringify({ error: String(reason) }));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.closeAllConnections(),
  };
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
