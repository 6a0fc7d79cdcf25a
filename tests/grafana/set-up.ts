/** Starts the demo's lakehouse and identity provider on loopback, unless MICROMEGAS_HOST names a lakehouse. */
import { startDemoServices } from '../support/demo-services';
import { areServicesGiven, fromEnvironment, toEnvironment } from './services';

/** @returns A function that stops the services. */
export default async function setUp(): Promise<() => Promise<void>> {
  if (areServicesGiven()) {
    fromEnvironment();
    return () => Promise.resolve();
  }
  const services = await startDemoServices();
  // Playwright starts its workers after this function, with this environment.
  Object.assign(process.env, toEnvironment(services), { MICROMEGAS_TEST_SERVICES: 'started' });
  return () => services.stop();
}
