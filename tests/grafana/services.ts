/**
 * Addresses and credentials of the lakehouse and the identity provider that the tests use.
 *
 * The variables are those of provisioning/datasources/micromegas.yaml. If they are set, the provisioned data sources of
 * Grafana use the same services as the tests.
 */
import { type ServicesAddress } from '../../demo/services';

const VARIABLES = {
  MICROMEGAS_HOST: 'lakehouse',
  MICROMEGAS_API_KEY: 'apiKey',
  MICROMEGAS_OAUTH_ISSUER: 'issuer',
  MICROMEGAS_OAUTH_CLIENT_ID: 'clientId',
  MICROMEGAS_OAUTH_CLIENT_SECRET: 'clientSecret',
  MICROMEGAS_OAUTH_AUDIENCE: 'audience',
} as const satisfies Record<string, keyof ServicesAddress>;

export type TestServices = Record<(typeof VARIABLES)[keyof typeof VARIABLES], string>;

/** Environment variables that hold the addresses. */
export function toEnvironment(services: TestServices): Record<string, string> {
  return Object.fromEntries(Object.entries(VARIABLES).map(([name, key]) => [name, services[key]]));
}

/** @throws {Error} if a variable is not set. */
export function fromEnvironment(): TestServices {
  const values = Object.entries(VARIABLES).map(([name, key]) => {
    const value = process.env[name];
    if (value === undefined) {
      throw new Error(
        `${name} is not set, although MICROMEGAS_HOST is. Set all of ${Object.keys(VARIABLES).join(', ')}.`
      );
    }
    return [key, value];
  });
  return Object.fromEntries(values);
}

/** True if the services were started before the tests, so that Grafana can be provisioned with them. */
export function areServicesGiven(): boolean {
  return process.env.MICROMEGAS_HOST !== undefined && process.env.MICROMEGAS_TEST_SERVICES !== 'started';
}
