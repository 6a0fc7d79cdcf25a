/**
 * Creates and changes realms through Keycloak's Admin REST API. The plugin's documentation has no commands for these
 * steps.
 */
import { z } from 'zod';
import { type KeycloakServer } from './keycloak-server';

const tokenResponse = z.object({ access_token: z.string() });
const components = z.array(
  z.looseObject({ id: z.string(), providerId: z.string(), config: z.record(z.string(), z.array(z.string())) })
);
const KEY_PROVIDER = 'org.keycloak.keys.KeyProvider';

export class KeycloakAdmin {
  readonly #server: Pick<KeycloakServer, 'url' | 'adminPassword'>;

  constructor(server: Pick<KeycloakServer, 'url' | 'adminPassword'>) {
    this.#server = server;
  }

  /**
   * @param settings Fields of Keycloak's `RealmRepresentation`, for example clients and users.
   */
  async createRealm(realm: string, settings: object = {}): Promise<void> {
    await this.#call('POST', '/admin/realms', { realm, enabled: true, ...settings });
  }

  /** Adds an RSA key of higher priority and disables the existing RSA signing keys. */
  async rotateSigningKey(realm: string): Promise<void> {
    const base = `/admin/realms/${realm}/components`;
    const old = components.parse(await this.#call('GET', `${base}?type=${KEY_PROVIDER}`));
    await this.#call('POST', base, {
      name: 'rsa-new',
      providerId: 'rsa-generated',
      providerType: KEY_PROVIDER,
      config: { priority: ['200'], keySize: ['2048'], algorithm: ['RS256'] },
    });
    for (const provider of old.filter(({ providerId }) => providerId === 'rsa-generated')) {
      const config = { ...provider.config, active: ['false'], enabled: ['false'] };
      await this.#call('PUT', `${base}/${provider.id}`, { ...provider, config });
    }
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const json = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: HTTP ${response.status} ${json}`);
    }
    return json === '' ? undefined : JSON.parse(json);
  }

  /** Requests a token for each call, because tokens are valid for only a minute. */
  async #token(): Promise<string> {
    const response = await fetch(`${this.#server.url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: 'admin',
        password: this.#server.adminPassword,
      }),
    });
    return tokenResponse.parse(await response.json()).access_token;
  }
}
