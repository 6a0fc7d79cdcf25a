/** The HTML of the page. Like Grafana's, it contains the boot data that @grafana/runtime reads when it loads. */
import { type DemoHints, type DemoUser } from '../playground-data';
import { type DataSourceDto } from './saved-data-sources';

export interface PageInput {
  user: DemoUser;
  users: readonly DemoUser[];
  theme: 'light' | 'dark';
  dataSources: readonly DataSourceDto[];
  /** The built plugin.json. */
  pluginMeta: Record<string, unknown>;
  grafanaVersion: string;
  hints: DemoHints;
}

/** JSON that is safe inside a script element. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function bootData({ user, theme, dataSources, pluginMeta, grafanaVersion }: PageInput): unknown {
  const datasources = Object.fromEntries(
    dataSources.map(({ id, uid, type, name, access, isDefault, readOnly, jsonData }) => [
      name,
      { id, uid, type, name, access, isDefault, readOnly, jsonData, meta: pluginMeta },
    ])
  );
  return {
    assets: { dark: '', light: '' },
    navTree: [],
    user: {
      id: user.id === 'ada' ? 1 : 2,
      uid: user.id,
      isSignedIn: true,
      login: user.login,
      name: user.name,
      email: user.email,
      orgId: 1,
      orgName: 'Main Org.',
      orgRole: user.role,
      theme,
      timezone: 'browser',
      weekStart: 'browser',
      locale: 'en-US',
      language: 'en-US',
      regionalFormat: 'en-US',
      lightTheme: theme === 'light',
      // Grafana's default for viewers.
      permissions: user.role === 'Viewer' ? {} : { 'datasources:explore': true },
    },
    settings: {
      appSubUrl: '',
      buildInfo: { version: grafanaVersion, commit: 'playground', env: 'production' },
      featureToggles: {},
      secureSocksDSProxyEnabled: false,
      datasources,
      defaultDatasource: dataSources[0]?.name ?? '',
      exploreEnabled: true,
      expressionsEnabled: false,
    },
  };
}

/** The HTML of the page for a user. */
export function pageHtml(input: PageInput): string {
  const background = input.theme === 'light' ? '#f4f5f5' : '#111217';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Micromegas playground</title>
<link rel="icon" href="${String(input.dataSources[0]?.typeLogoUrl ?? 'data:,')}">
<link rel="stylesheet" href="/public/playground/page.css">
<style>body { margin: 0; background: ${background}; }</style>
<script>
window.__grafana_public_path__ = '/public/';
window.grafanaBootData = ${scriptJson(bootData(input))};
window.playgroundData = ${scriptJson({ users: input.users, user: input.user, hints: input.hints })};
</script>
</head>
<body class="theme-${input.theme} app-grafana">
<div id="reactRoot"></div>
<div id="grafana-portal-container"></div>
<script src="/public/playground/page.js"></script>
</body>
</html>
`;
}
