/**
 * Builds the context that Grafana sends with every call: user, data source and secrets.
 */
import { type MessageInitShape } from '@bufbuild/protobuf';
import { PLUGIN_ID } from '../../../contract/plugin-id';
import { type PluginContextSchema } from '../../../proxy/generated/pluginv2/backend_pb';
import { type DemoUser } from './demo-users';
import { type StoredDataSource } from './saved-data-sources';

/** The version of Grafana that the playground imitates. */
export const GRAFANA_VERSION = '12.4.2';

const encoder = new TextEncoder();

/** @param source Undefined for calls without a data source. */
export function pluginContext(
  user: DemoUser,
  source: StoredDataSource | undefined,
  pluginVersion: string
): MessageInitShape<typeof PluginContextSchema> {
  return {
    orgId: 1n,
    namespace: 'default',
    pluginId: PLUGIN_ID,
    pluginVersion,
    userAgent: `Grafana/${GRAFANA_VERSION} (playground)`,
    user: { login: user.login, name: user.name, email: user.email, role: user.role },
    grafanaConfig: { GF_SQL_ROW_LIMIT: '1000000', GF_CONCURRENT_QUERY_COUNT: '10' },
    dataSourceInstanceSettings: source && {
      id: BigInt(source.id),
      uid: source.uid,
      name: source.name,
      jsonData: encoder.encode(JSON.stringify(source.jsonData)),
      decryptedSecureJsonData: source.secrets,
      lastUpdatedMS: BigInt(source.lastUpdatedMs),
    },
  };
}
