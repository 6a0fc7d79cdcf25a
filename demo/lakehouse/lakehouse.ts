/**
 * A server that imitates Micromegas: Flight SQL without TLS on loopback, with data in DuckDB.
 *
 * It has the protocol of Micromegas 0.33.0: tickets, headers, sign-in, attribution, time range, error codes and
 * messages.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { AuditLog } from './audit';
import { Database } from './database';
import { flightDefinition } from './flight-definition';
import { flightService } from './flight-service';
import { SignIn } from './sign-in';
import { type LogBlock } from './telemetry';

export interface LakehouseOptions {
  /** TCP port on 127.0.0.1. Default: 0, a free port. */
  port?: number;
  /** Without keys and issuers, no sign-in is required. */
  apiKeys: Array<{ name: string; key: string }>;
  issuers?: Array<{ issuer: string; audience: string }>;
  /** Milliseconds since 1970. Default: the system clock. */
  now?: () => number;
  /** True: rows are added every second. False: only by `advance`. Default: true. */
  grow?: boolean;
}

export interface Lakehouse {
  /** `host:port`. */
  address: string;
  /** The time of the start, in milliseconds since 1970. The times in `story.ts` are relative to this time. */
  startMs: number;
  audit: AuditLog;
  /** Adds the rows up to now, and waits for pending audit records. */
  advance(): Promise<void>;
  /** Writes additional log lines, with a chosen time of arrival. */
  addLogBlock(block: LogBlock): Promise<void>;
  /** Removes the log lines of an interval, as retention does. Milliseconds since 1970; the end is exclusive. */
  removeLogLines(fromMs: number, toMs: number): Promise<void>;
  /** Rejects every token issued so far. */
  revokeTokens(): void;
  close(): Promise<void>;
}

const GROWTH_INTERVAL_MS = 1000;
const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

/** Starts the server, with six hours of telemetry before the start. */
export async function startLakehouse(options: LakehouseOptions): Promise<Lakehouse> {
  const now = options.now ?? Date.now;
  const audit = new AuditLog();
  const signIn = new SignIn({ apiKeys: options.apiKeys, issuers: options.issuers ?? [], now });
  const startMs = now();
  const database = await Database.open(startMs);
  const failed = (reason: unknown): void => console.error('demo lakehouse could not write:', reason);
  audit.on('record', (record) => void database.telemetry.addAudit(record).catch(failed));

  const running = new Set<Promise<void>>();
  const server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  server.addService(flightDefinition, flightService({ database, audit, signIn, now, running }));
  const port = await bind(server, options.port ?? 0);
  const grow = (): void => void database.telemetry.advance(now()).catch(failed);
  const timer = options.grow === false ? undefined : setInterval(grow, GROWTH_INTERVAL_MS).unref();
  return {
    address: `127.0.0.1:${port}`,
    startMs,
    audit,
    advance: async () => {
      await database.telemetry.advance(now());
      await database.telemetry.settled();
    },
    addLogBlock: (block) => database.telemetry.addLogBlock(block),
    removeLogLines: (fromMs, toMs) => database.telemetry.removeLogLines(fromMs, toMs),
    revokeTokens: () => signIn.revokeTokens(),
    close: async () => {
      clearInterval(timer);
      server.forceShutdown();
      await Promise.all(running);
      await database.close();
    },
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    );
  });
}
