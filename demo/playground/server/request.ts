/** Arguments of every route of the playground's API. */
import { type PluginClient } from '../../plugin-host/plugin-client';
import { type AuditFeed } from './audit-route';
import { type DemoUser } from '../playground-data';
import { type SavedDataSources } from './saved-data-sources';

/** The calls of the plugin that the page needs. */
export type PluginPort = Pick<PluginClient, 'queryData' | 'checkHealth' | 'streamResource'>;

export interface PlaygroundServices {
  plugin: PluginPort;
  pluginVersion: string;
  /** Version of Grafana that the playground imitates. */
  grafanaVersion: string;
  dataSources: SavedDataSources;
  audit: AuditFeed;
}

export interface PlaygroundRequest {
  user: DemoUser;
  services: PlaygroundServices;
}
