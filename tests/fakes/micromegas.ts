/**
 * A Micromegas for tests: the demo's lakehouse with its rules of sign-in and attribution, over plaintext or TLS, which
 * remembers the headers of every call. Its issuers may be added while it runs.
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
  /** PEM of the authority of client certificates, which are then demanded. */
  clientCa?: string;
}

export interface MicromegasOptions {
  apiKeys?: Array<{ name: string; key: string }>;
  /** With neither keys nor issuers everybody is let in. */
  issuers?: Array<{ issuer: string; audience: string }>;
  tls?: ServerTls;
  /** Fetches the documents of issuers that this process cannot reach or does not trust. */
  fetchJson?: (url: string) => Promise<unknown>;
}

/** A call as it arrived. */
export interface ReceivedCall {
  /** In gRPC's words: `getFlightInfo`, `doGet`, `doAction`. */
  method: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
}

/** What tests change while the server runs. */
export interface ServerBehaviour {
  /** Added to the server's clock, by which it judges tokens, in seconds. */
  clockAheadSeconds: number;
  /** The answer to GetTables in place of the list. */
  tablesError?: { code: number; details: string };
  /** Audit records are kept back until this is false and `releaseAudit` is called. */
  isAuditHeld: boolean;
}

export interface Micromegas {
  /** `127.0.0.1:port`, or `localhost:port` with TLS. */
  address: string;
  port: number;
  issuers: Array<{ issuer: string; audience: string }>;
  calls: ReceivedCall[];
  behaviour: ServerBehaviour;
  /** Writes the audit records that were kept back to `log_entries`. */
  releaseAudit(): Promise<void>;
  /** Queries in the words of the audit, oldest first. */
  audit(): readonly AuditRecord[];
  /** Refuses every token issued so far. */
  revokeTokens(): void;
  close(): Promise<void>;
}

type Handler = UntypedServiceImplementation[string];

interface WatchedCall {
  metadata: Metadata;
  request?: { cmd?: Uint8Array };
  emit?: (event: string, value: unknown) => boolean;
}

/** An error that carries the server's time, as the HTTP library of Micromegas adds it. */
function dated(error: unknown, nowMs: number): unknown {
  const metadata = new Metadata();
  metadata.set('date', new Date(nowMs).toUTCString());
  return Object.assign(error instanceof Error ? error : { ...Object(error) }, { metadata });
}

/** The service with a look at each call's metadata. */
function watched(
  service: UntypedServiceImplementation,
  { calls, behaviour, now }: { calls: ReceivedCall[]; behaviour: ServerBehaviour; now: () => number }
): UntypedServiceImplementation {
  const watch = (method: string, handler: Handler): Handler => {
    return (call: WatchedCall, ...rest: unknown[]): void => {
      const entries = Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]);
      calls.push({ method, headers: Object.fromEntries(entries) });
      // The date of Node's HTTP/2 would be this machine's.
      const emit = call.emit?.bind(call);
      if (emit !== undefined) {
        call.emit = (event, error) => emit(event, event === 'error' ? dated(error, now()) : error);
      }
      const isTables = Buffer.from(call.request?.cmd ?? []).includes('CommandGetTables');
      const [callback] = rest;
      if (isTables && behaviour.tablesError !== undefined && isUnary(callback)) {
        callback(behaviour.tablesError);
      } else {
        const dating = isUnary(callback)
          ? [(error: ServiceError | null, ...results: unknown[]) => Reflect.apply(callback, undefined, [error && dated(error, now()), ...results])] // prettier-ignore
          : rest;
        Reflect.apply(handler, undefined, [call, ...dating]);
      }
    };
  };
  return Object.fromEntries(Object.entries(service).map(([method, handler]) => [method, watch(method, handler)]));
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
  const failed = (reason: unknown): void => console.error('the lakehouse of a test could not write:', reason);
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
    watched(flightService({ database, audit, signIn, now: Date.now, running }), { calls, behaviour, now })
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
