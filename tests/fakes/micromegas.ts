/**
 * A Micromegas server for tests: the demo's lakehouse with its rules for authentication and attribution, over plaintext
 * or TLS. The server records the headers of every call. Tests can add issuers while the server runs.
 */
import {
  Server,
  ServerCredentials,
  Metadata,
  type sendUnaryData,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { AuditLog, type AuditRecord } from '../../demo/lakehouse/audit';
import { Database } from '../../demo/lakehouse/database';
import { flightDefinition } from '../../demo/lakehouse/flight-definition';
import { flightService } from '../../demo/lakehouse/flight-service';
import { SignIn } from '../../demo/lakehouse/sign-in';

export interface ServerTls {
  /** PEM. */
  certificate: string;
  key: string;
  /** PEM of the authority that signs client certificates. If set, the server requires a client certificate. */
  clientCa?: string;
}

export interface MicromegasOptions {
  apiKeys?: Array<{ name: string; key: string }>;
  /** Without API keys and issuers, the server accepts every call. */
  issuers?: Array<{ issuer: string; audience: string }>;
  tls?: ServerTls;
  /** Returns the discovery documents and key sets of issuers that this process cannot reach or does not trust. */
  fetchJson?: (url: string) => Promise<unknown>;
}

export interface ReceivedCall {
  /** Method name in the gRPC service definition: `getFlightInfo`, `doGet`, `doAction`. */
  method: string;
  /** Values by lower-case name. */
  headers: Readonly<Record<string, string>>;
}

/** Behaviour that tests can change while the server runs. */
export interface ServerBehaviour {
  /** Offset of the clock with which the server validates tokens, in seconds. */
  clockAheadSeconds: number;
  /** The error with which GetTables fails. Undefined: it succeeds. */
  tablesError?: { code: number; details: string };
  /** True: audit records are not written before `releaseAudit` is called. */
  isAuditHeld: boolean;
}

export interface Micromegas {
  /** `127.0.0.1:port`, or `localhost:port` with TLS. */
  address: string;
  port: number;
  issuers: Array<{ issuer: string; audience: string }>;
  calls: ReceivedCall[];
  behaviour: ServerBehaviour;
  /** Sets `isAuditHeld` to false and writes the held audit records to `log_entries`. */
  releaseAudit(): Promise<void>;
  /** The audit records of all queries, oldest first. */
  audit(): readonly AuditRecord[];
  /** Rejects all tokens that were issued before this call. */
  revokeTokens(): void;
  close(): Promise<void>;
}

type Handler = UntypedServiceImplementation[string];

interface WatchedCall {
  metadata: Metadata;
  request?: { cmd?: Uint8Array };
  emit?: (event: string, value: unknown) => boolean;
}

/** Adds the server's time to an error, as the HTTP library of Micromegas does. */
function withDate(error: unknown, nowMs: number): unknown {
  const metadata = new Metadata();
  metadata.set('date', new Date(nowMs).toUTCString());
  return Object.assign(error instanceof Error ? error : { ...Object(error) }, { metadata });
}

/** Wraps the service: records each call, applies `behaviour`, and adds the server's time to errors. */
function instrumented(
  service: UntypedServiceImplementation,
  { calls, behaviour, now }: { calls: ReceivedCall[]; behaviour: ServerBehaviour; now: () => number }
): UntypedServiceImplementation {
  const wrap = (method: string, handler: Handler): Handler => {
    return (call: WatchedCall, ...rest: unknown[]): void => {
      const entries = Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]);
      calls.push({ method, headers: Object.fromEntries(entries) });
      // Errors get their own `date` header, because the header of Node's HTTP/2 server ignores the offset of the clock.
      const emit = call.emit?.bind(call);
      if (emit !== undefined) {
        call.emit = (event, error) => emit(event, event === 'error' ? withDate(error, now()) : error);
      }
      const isTables = Buffer.from(call.request?.cmd ?? []).includes('CommandGetTables');
      const [callback] = rest;
      if (isTables && behaviour.tablesError !== undefined && isUnary(callback)) {
        callback(behaviour.tablesError);
      } else {
        const args = isUnary(callback)
          ? [
              (error: ServiceError | null, ...results: unknown[]) =>
                Reflect.apply(callback, undefined, [error && withDate(error, now()), ...results]),
            ]
          : rest;
        Reflect.apply(handler, undefined, [call, ...args]);
      }
    };
  };
  return Object.fromEntries(Object.entries(service).map(([method, handler]) => [method, wrap(method, handler)]));
}

function isUnary(callback: unknown): callback is sendUnaryData<unknown> {
  return typeof callback === 'function';
}

function credentialsOf(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) {
    return ServerCredentials.createInsecure();
  }
  const { certificate, key, clientCa } = tls;
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) };
  const ca = clientCa === undefined ? null : Buffer.from(clientCa);
  return ServerCredentials.createSsl(ca, [pair], clientCa !== undefined);
}

export async function startMicromegas(options: MicromegasOptions): Promise<Micromegas> {
  const { apiKeys = [], issuers = [], tls, fetchJson } = options;
  const audit = new AuditLog();
  const calls: ReceivedCall[] = [];
  const running = new Set<Promise<void>>();
  const behaviour: ServerBehaviour = { clockAheadSeconds: 0, isAuditHeld: false };
  const now = () => Date.now() + behaviour.clockAheadSeconds * 1000;
  const signIn = new SignIn({ apiKeys, issuers, now, fetchJson });
  const database = await Database.open(Date.now());
  const failed = (reason: unknown): void =>
    console.error('The lakehouse of a test could not write an audit record:', reason);
  const held: AuditRecord[] = [];
  audit.on('record', (record) => {
    if (behaviour.isAuditHeld) {
      held.push(record);
    } else {
      database.telemetry.addAudit(record).catch(failed);
    }
  });
  const server = new Server();
  server.addService(
    flightDefinition,
    instrumented(flightService({ database, audit, signIn, now: Date.now, running }), { calls, behaviour, now })
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentialsOf(tls), (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    );
  });
  return {
    address: `${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}`,
    port,
    issuers,
    calls,
    behaviour,
    async releaseAudit() {
      behaviour.isAuditHeld = false;
      await Promise.all(held.splice(0).map((record) => database.telemetry.addAudit(record)));
    },
    audit: () => audit.records,
    revokeTokens: () => signIn.revokeTokens(),
    async close() {
      server.forceShutdown();
      await Promise.all(running);
      await database.telemetry.settled();
      await database.close();
    },
  };
}
