/**
 * `npm run test:grafana:local`: runs the tests with the Grafana of `../shared/grafana/run`, without containers. The
 * arguments go to Playwright. `SHARED_DIR` replaces the folder `../shared`.
 *
 * Grafana runs on a free port, with the plugin in `dist/`, the data sources and rules of `provisioning/`, and a new
 * database. After the tests, Grafana is stopped and its database is removed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startDemoServices } from '../support/demo-services';
import { children, start, START_SCRIPT, startGrafana } from './local-grafana';
import { toEnvironment } from './services';

const ROOT = join(__dirname, '../..');
const PROVISIONED_FILES = ['datasources/micromegas.yaml', 'alerting/micromegas.yaml'];

/** @returns The exit status of the tests. */
async function runTests(env: NodeJS.ProcessEnv): Promise<number> {
  const grafana = await startGrafana({ env, provisioned: PROVISIONED_FILES });
  try {
    const { ended } = start('npm', ['run', 'test:grafana', '--', ...process.argv.slice(2)], {
      cwd: ROOT,
      env: { ...env, GRAFANA_URL: grafana.url, GRAFANA_VERSION: grafana.version },
      stdio: 'inherit',
    });
    const status = await ended;
    if (status !== 0) {
      console.error(grafana.log());
    }
    return status;
  } finally {
    await grafana.stop();
  }
}

async function main(): Promise<void> {
  if (!existsSync(START_SCRIPT)) {
    throw new Error(`There is no ${START_SCRIPT}. SHARED_DIR names the folder that has grafana/run.`);
  }
  const services = await startDemoServices();
  try {
    process.exitCode = await runTests({ ...process.env, ...toEnvironment(services) });
  } finally {
    await services.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => children.forEach((child) => child.kill('SIGTERM')));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
