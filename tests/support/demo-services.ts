/**
 * Starts the demo's lakehouse and issuer in a separate process, with real sockets and real authentication.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { type ServicesAddress } from '../../demo/services';

/** A query in the audit log of the lakehouse. */
export interface AuditRecord {
  user: string;
  email: string;
  name?: string;
  service_account: boolean;
  client: string;
  entrypoint: string;
  notebook?: string;
  cell?: string;
  sql: string;
  status: 'ok' | 'error' | 'incomplete';
  range_begin?: string;
  limit?: number;
}

export interface DemoServices extends ServicesAddress {
  audit(): Promise<AuditRecord[]>;
  /** A POST to the control API, such as `/issuer/stop`. */
  post(path: string): Promise<void>;
  stop(): Promise<void>;
}

const ROOT = join(__dirname, '..', '..');

function isServicesAddress(value: unknown): value is ServicesAddress {
  return value !== null && typeof value === 'object' && 'lakehouse' in value && 'control' in value;
}

function addressesIn(line: string): ServicesAddress | undefined {
  try {
    const printed: unknown = JSON.parse(line);
    return isServicesAddress(printed) ? printed : undefined;
  } catch {
    return undefined;
  }
}

export async function startDemoServices(): Promise<DemoServices> {
  const child = spawn(join(ROOT, 'node_modules/.bin/tsx'), [join(ROOT, 'demo/services.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    void closed.then(() => reject(new Error('The demo services ended before they were ready.')));
  });
  const addresses = addressesIn(line);
  if (addresses === undefined) {
    child.kill('SIGTERM');
    throw new Error(`The demo services did not print their addresses, but: ${line}`);
  }
  return {
    ...demoServicesAt(addresses),
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Services that another process has started. */
export function demoServicesAt(addresses: ServicesAddress): Omit<DemoServices, 'stop'> {
  return {
    ...addresses,
    async audit() {
      const response = await fetch(`${addresses.control}/audit`);
      if (!response.ok) {
        throw new Error(`/audit: ${response.status} ${await response.text()}`);
      }
      const records: AuditRecord[] = await response.json();
      return records;
    },
    async post(path) {
      const response = await fetch(`${addresses.control}${path}`, { method: 'POST' });
      if (!response.ok) {
        throw new Error(`${path}: ${response.status} ${await response.text()}`);
      }
    },
  };
}
