/** For tests of the client: servers and clients that are stopped after the test, and functions that read results. */
import { unlimitedAccount } from '../../../observe/memory/testing/accounts';
import { ProxyError } from '../../../base/errors/proxy-error';
import { type ServerRoute } from '../../network/routes';
import { checkedSql } from '../../../sql/guard/checked-sql';
import { createFlightSqlClient, type FlightSqlClientOptions } from '../create-flight-sql-client';
import { type FlightCall, type FlightMessage, type FlightSqlClient } from '../flight-sql-client';
import { startFlightServer, type TestServer, type TestServerOptions } from './flight-test-server';

/** Functions that stop the servers and clients of the current test. */
export const cleanUp: Array<() => void> = [];

/** Stops the servers and clients of the current test. Call it after each test. */
export function endAll(): void {
  for (const end of cleanUp.splice(0).reverse()) {
    end();
  }
}

export async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startFlightServer(options);
  cleanUp.push(server.kill);
  return server;
}

export interface TestClientOptions extends Partial<Omit<FlightSqlClientOptions, 'server'>> {
  server?: Partial<ServerRoute>;
}

/** A client whose `execute` accepts unchecked SQL. */
export interface TestClient extends Omit<FlightSqlClient, 'execute'> {
  execute(sql: string, call: FlightCall): AsyncIterable<FlightMessage>;
}

export function clientOf(port: number, options: TestClientOptions = {}): TestClient {
  const { server, ...rest } = options;
  const client = createFlightSqlClient({
    server: { host: '127.0.0.1', port, ...server },
    signIn: 'token',
    metadata: [],
    ...rest,
  });
  cleanUp.push(() => client.close());
  return {
    execute: (sql, call) => client.execute(checkedSql(sql), call),
    getTables: (call) => client.getTables(call),
    probe: (stage, signal) => client.probe(stage, signal),
    close: () => client.close(),
  };
}

export function callWith(options: Partial<FlightCall> = {}): FlightCall {
  return {
    attribution: 'off',
    origin: { entrypoint: 'explore' },
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    memory: unlimitedAccount(),
    ...options,
  };
}

export async function collect(messages: AsyncIterable<FlightMessage>): Promise<FlightMessage[]> {
  const all: FlightMessage[] = [];
  for await (const message of messages) {
    all.push(message);
  }
  return all;
}

export async function errorOf(messages: AsyncIterable<FlightMessage>): Promise<ProxyError> {
  const reason: unknown = await collect(messages).catch((error: unknown) => error);
  if (!(reason instanceof ProxyError)) {
    throw new Error(`Expected a ProxyError, got ${String(reason)}`);
  }
  return reason;
}

/** The headers of messages as strings: the test server sends strings in place of FlatBuffers headers. */
export function headersOf(messages: FlightMessage[]): string[] {
  return messages.map(({ header }) => Buffer.from(header).toString());
}
