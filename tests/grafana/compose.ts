/**
 * `npm run test:grafana:compose`: runs the tests with the Grafana of docker-compose.yml. `GRAFANA_VERSION` and
 * `GRAFANA_IMAGE` choose the image.
 *
 * Grafana loads the plugin's package for this platform, which is built first. The lakehouse and the identity provider
 * listen on loopback. Grafana's container shares the network of this machine, so the plugin reaches both.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startDemoServices } from '../support/demo-services';
import { toEnvironment } from './services';

const ROOT = join(__dirname, '../..');
// Differs from the project of `docker compose up`, because the volumes of this project are removed after the tests.
const PROJECT = ['--project-name', 'micromegas-tests'];
const FILES = ['--file', 'docker-compose.yml', '--file', 'tests/grafana/docker-compose.yml'];

/** Runs a command in this terminal. @returns Its exit status, 1 if a signal ended it. */
function run(env: NodeJS.ProcessEnv, command: string, ...args: string[]): number {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  if (error !== undefined) {
    throw error;
  }
  return status ?? 1;
}

/** @param env Environment with the addresses of the services. @returns The exit status. */
function runTests(env: NodeJS.ProcessEnv): number {
  // @grafana/plugin-e2e reads the version of Grafana from this variable, but the value may be a tag such as "latest".
  const { GRAFANA_VERSION: _tag, ...testEnv } = env;
  const compose = (...args: string[]) => run(env, 'docker', 'compose', ...PROJECT, ...FILES, ...args);
  try {
    const started = compose('up', '--detach', '--wait', 'grafana');
    const status = started === 0 ? run(testEnv, 'npm', 'run', 'test:grafana', '--', ...process.argv.slice(2)) : started;
    if (status !== 0) {
      compose('logs', '--tail', '200', 'grafana');
    }
    return status;
  } finally {
    compose('down', '--volumes');
  }
}

/** The image is for Linux on this machine's processor architecture, even with Docker Desktop. */
const PLATFORM = process.arch === 'arm64' ? 'linux_arm64' : 'linux_amd64';

async function main(): Promise<void> {
  const packaged = run(process.env, 'npm', 'run', 'package', '--', PLATFORM);
  if (packaged !== 0) {
    process.exitCode = packaged;
    return;
  }
  const services = await startDemoServices();
  try {
    process.exitCode = runTests({ GRAFANA_URL: 'http://127.0.0.1:3000', ...process.env, ...toEnvironment(services) });
  } finally {
    await services.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
