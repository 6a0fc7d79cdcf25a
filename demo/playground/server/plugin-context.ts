/** Builds the context that Grafana sends with every call: user, data source and secrets. */
import { type MessageInitShape } from '@bufbuild/protobuf';
import { PLUGIN_ID } from '../../../contract/plugin-id';
import { type PluginContextSchema } from '../../../proxy/generated/pluginv2/backend_pb';
import { type PlaygroundRequest } from './request';
import { type StoredDataSource } from './saved-data-sources';

const encoder = new TextEncoder();

/** The context of a call. @param source Undefined for calls without a data source. */
export function pluginContext(
  { user, services }: PlaygroundRequest,
  source: StoredDataSource | undefined
): MessageInitShape<typeof PluginContextSchema> {
  return {
    orgId: 1n,
    namespace: 'default',
    pluginId: PLUGIN_ID,
    pluginVersion: services.pluginVersion,
    userAgent: `Grafana/${services.grafanaVersion} (playground)`,
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
