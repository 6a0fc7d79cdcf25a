/**
 * What a health check needs of a live data source: a part of the instances of `instances/`, so that a test can stand in
 * for one.
 */
import {
  type AttributionMode,
  type CallOrigin,
  type CallUser,
  type FlightMessage,
  type FlightSqlClient,
} from '../../flight-sql/flight-sql-client';
import { type SavedDataSource } from '../../instances/saved-data-source';
import { type TokenSource } from '../../oidc/token-source';

export interface HealthSettings {
  readonly host: string;
  readonly port: number;
  /** True: TLS. */
  readonly secure: boolean;
  readonly auth: { readonly kind: 'none' | 'token' | 'oauth2' };
  readonly attribution: AttributionMode;
  /** Sentences about saved values that were read with a doubt. */
  readonly warnings: readonly string[];
}

export interface HealthCall {
  user?: CallUser;
  origin: CallOrigin;
  signal: AbortSignal;
}

export interface HealthInstance {
  readonly settings: HealthSettings;
  readonly client: Pick<FlightSqlClient, 'probe'>;
  /** There when the data source signs in with OAuth. */
  readonly tokenSource?: TokenSource;
  execute(sql: string, call: HealthCall): AsyncIterable<FlightMessage>;
  getTables(call: HealthCall): AsyncIterable<FlightMessage>;
}

export interface HealthInstanceStore {
  /** @throws {ProxyError} `settings_invalid`, `password_unsupported` */
  acquire(saved: SavedDataSource): { instance: HealthInstance; release(): void };
}
