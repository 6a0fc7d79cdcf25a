/**
 * The npm package oidc-provider, a certified OpenID provider, on loopback. The package has a separate lock file, so
 * that `npm ci` of the project does not install it.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { freePorts, runProgram } from './processes';

const FOLDER = join(__dirname, 'oidc-provider');
const INSTALLED = join(FOLDER, 'node_modules', 'oidc-provider');
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/** Thrown if npm cannot install the package, for example without a network. */
export class InstallError extends Error {}

/** The part of the package that is used here. Its types are installed only with the package. */
interface OidcProviderModule {
  default: new (
    issuer: string,
    configuration: object
  ) => {
    callback(): RequestListener;
  };
  errors: { InvalidTarget: new () => Error };
}

const packageJson = z.object({ version: z.string() });
const versionIn = (folder: string) =>
  packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
const wantedJson = z.object({ dependencies: z.object({ 'oidc-provider': z.string() }) });

/** @param npm Path of npm. @throws {InstallError} when npm cannot install the package. */
async function load(npm: string): Promise<OidcProviderModule> {
  const wanted = wantedJson.parse(JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')));
  if (!existsSync(INSTALLED) || versionIn(INSTALLED) !== wanted.dependencies['oidc-provider']) {
    const args = ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'];
    const { code, stderr } = await runProgram(npm, args, { env: process.env, timeoutMs: INSTALL_TIMEOUT_MS });
    if (code !== 0) {
      throw new InstallError(`npm could not install oidc-provider: ${stderr}`);
    }
  }
  // The path is in a variable: TypeScript would resolve a literal path, but the package may not be installed.
  const entry = pathToFileURL(join(INSTALLED, 'lib', 'index.js')).href;
  return import(entry);
}

export interface RunningOidcProvider {
  issuer: string;
  /** A token request that names this API in the parameter `resource` gets a JWT. */
  audience: string;
  stop(): Promise<void>;
}

/** @param clients Metadata of the clients (RFC 7591). @throws {InstallError} */
export async function startOidcProvider(npm: string, clients: readonly object[]): Promise<RunningOidcProvider> {
  const { default: Provider, errors } = await load(npm);
  const [port] = await freePorts(1);
  const issuer = `http://127.0.0.1:${port}`;
  const audience = 'https://lake.example.com';
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig' }] },
    ttl: { ClientCredentials: 600 },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'HS512', 'RS256', 'PS256', 'ES256'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      mTLS: { enabled: true, certificateBoundAccessTokens: true, getCertificate: () => undefined },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context: object, resource: string) {
          if (resource !== audience) {
            throw new errors.InvalidTarget();
          }
          return { scope: '', audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
  });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    audience,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
