/**
 * The data sources of the playground, kept in memory. Like in Grafana, secrets can be written but not read. Only the
 * names of stored secrets can be read.
 */
import { PLUGIN_ID } from '../../../contract/plugin-id';

/** Response to the settings page: Grafana's `DataSourceSettings` without secrets, API version and access control. */
export interface DataSourceDto {
  id: number;
  uid: string;
  orgId: number;
  name: string;
  type: string;
  typeName: string;
  typeLogoUrl: string;
  access: string;
  url: string;
  user: string;
  database: string;
  basicAuth: boolean;
  basicAuthUser: string;
  withCredentials: boolean;
  isDefault: boolean;
  jsonData: Record<string, unknown>;
  secureJsonFields: Record<string, boolean>;
  version: number;
  readOnly: boolean;
}

/** Request of the settings page. A missing secret is kept. An empty secret counts as not set. */
export interface DataSourceUpdate {
  name: string;
  jsonData: Record<string, unknown>;
  secureJsonData?: Record<string, string>;
}

export interface StoredDataSource {
  id: number;
  uid: string;
  name: string;
  isDefault: boolean;
  readOnly: boolean;
  version: number;
  jsonData: Record<string, unknown>;
  secrets: Record<string, string>;
  /** Milliseconds since 1970. The plugin creates a new instance when this time changes. */
  lastUpdatedMs: number;
}

export type NewDataSource = Pick<StoredDataSource, 'uid' | 'name' | 'readOnly' | 'jsonData' | 'secrets'>;

function toDto(stored: StoredDataSource): DataSourceDto {
  const secureJsonFields = Object.fromEntries(
    Object.entries(stored.secrets)
      .filter(([, value]) => value !== '')
      .map(([key]) => [key, true])
  );
  return {
    id: stored.id,
    uid: stored.uid,
    orgId: 1,
    name: stored.name,
    type: PLUGIN_ID,
    typeName: 'Micromegas',
    typeLogoUrl: `/public/plugins/${PLUGIN_ID}/img/logo.svg`,
    access: 'proxy',
    url: '',
    user: '',
    database: '',
    basicAuth: false,
    basicAuthUser: '',
    withCredentials: false,
    isDefault: stored.isDefault,
    jsonData: stored.jsonData,
    secureJsonFields,
    version: stored.version,
    readOnly: stored.readOnly,
  };
}

export class SavedDataSources {
  readonly #now: () => number;
  readonly #byUid = new Map<string, StoredDataSource>();

  /** @param now Returns the time in milliseconds since 1970. */
  constructor(initial: readonly NewDataSource[], now: () => number = Date.now) {
    this.#now = now;
    for (const [index, source] of initial.entries()) {
      this.#byUid.set(source.uid, {
        ...source,
        id: index + 1,
        isDefault: index === 0,
        version: 1,
        lastUpdatedMs: this.#now(),
      });
    }
  }

  list(): DataSourceDto[] {
    return [...this.#byUid.values()].map(toDto);
  }

  find(uid: string): DataSourceDto | undefined {
    const stored = this.#byUid.get(uid);
    return stored && toDto(stored);
  }

  /** The data source with its secrets, for the plugin process only. */
  stored(uid: string): StoredDataSource | undefined {
    return this.#byUid.get(uid);
  }

  /** Saves settings, and returns them. Undefined if the data source does not exist or is provisioned. */
  update(uid: string, change: DataSourceUpdate): DataSourceDto | undefined {
    const stored = this.#byUid.get(uid);
    if (!stored || stored.readOnly) {
      return undefined;
    }
    const next: StoredDataSource = {
      ...stored,
      name: change.name,
      jsonData: change.jsonData,
      secrets: { ...stored.secrets, ...change.secureJsonData },
      version: stored.version + 1,
      // Two saves in the same millisecond must get different times.
      lastUpdatedMs: Math.max(this.#now(), stored.lastUpdatedMs + 1),
    };
    this.#byUid.set(uid, next);
    return toDto(next);
  }
}
