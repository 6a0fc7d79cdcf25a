/**
 * What a health check needs of a live data source: a part of the instances of `instances/`, so that a test can stand in
 * for one.
 */
import { type FlightSqlClient } from '../../flight-sql/flight-sql-client';
import { type Instance, type InstanceCall } from '../../instances/instance';
import { type SavedDataSource } from '../../instances/saved-data-source';
import { type DataSourceSettings } from '../../instances/settings';

export type HealthSettings = Pick<
  DataSourceSettings,
  'server' | 'providerRoute' | 'auth' | 'attribution' | 'metadata' | 'warnings'
>;

export type HealthCall = InstanceCall;

export interface HealthInstance extends Pick<Instance, 'tokenSource' | 'identityFor' | 'execute' | 'getTables'> {
  readonly settings: HealthSettings;
  readonly client: Pick<FlightSqlClient, 'probe' | 'getTables'>;
}

export interface HealthInstanceStore {
  /** @throws {ProxyError} `settings_invalid`, `password_unsupported`, `host_not_allowed`, `plaintext_refused`. */
  acquire(saved: SavedDataSource): { instance: HealthInstance; release(): void };
}
