/**
 * Grafana's secure SOCKS proxy for data sources. The data source only says whether to use it; where it is and how to sign
 * in to it is Grafana's own configuration, which each request brings along. Older releases put it into the environment.
 */
import { readFileSync } from 'node:fs';
import { Secret } from '../logging/secret';
import { type SocksProxy } from '../network/routes';
import { repairPem } from '../oidc/pem';
import { type Findings } from './findings';
import { type SavedDataSource, SOCKS_KEY_PREFIX } from './saved-data-source';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

export type Environment = Readonly<Record<string, string | undefined>>;

const LABEL = 'Secure Socks Proxy';

class GrafanaSocksConfig {
  readonly #config: Readonly<Record<string, string>>;
  readonly #environment: Environment;
  readonly #findings: Findings;

  constructor(config: Readonly<Record<string, string>>, environment: Environment, findings: Findings) {
    this.#config = config;
    this.#environment = environment;
    this.#findings = findings;
  }

  text(key: string): string {
    const name = `${SOCKS_KEY_PREFIX}${key}`;
    return (this.#config[name] || this.#environment[name] || '').trim();
  }

  flag(key: string): boolean {
    return /^(?:true|1)$/i.test(this.text(key));
  }

  /** The text of a key or certificate: as it is, or out of the file that is named instead. */
  pem(valueKey: string, fileKey: string): string | undefined {
    const value = this.text(valueKey);
    return value === '' ? this.#file(this.text(fileKey)) : repairPem(value);
  }

  /** Lists: texts are separated by commas, files by spaces. */
  rootCas(): string[] {
    const values = this.text('ROOT_CA_CERT_VALS').split(',').map(repairPem);
    const texts = values.some((value) => value !== '')
      ? values
      : this.text('ROOT_CA_CERT')
          .split(/\s+/)
          .map((path) => this.#file(path) ?? '');
    return texts.filter((text) => text !== '');
  }

  /** The operator of Grafana named the file, so no folder has to be allowed for it. */
  #file(path: string): string | undefined {
    if (path === '') {
      return undefined;
    }
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      this.#findings.check(LABEL, `Grafana names the file ${path} for it, which cannot be read here.`);
      return undefined;
    }
  }
}

function readAddress(address: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/i.exec(address);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : { host, port: Number(match?.[3]) };
}

/** The SOCKS proxy of a data source that uses it; undefined otherwise, and when it cannot be used. */
export function readSocksProxy(
  saved: SavedFields,
  secrets: SecretFields,
  source: Pick<SavedDataSource, 'uid' | 'grafanaConfig'>,
  environment: Environment,
  findings: Findings
): SocksProxy | undefined {
  if (saved.enableSecureSocksProxy !== true) {
    return undefined;
  }
  const config = new GrafanaSocksConfig(source.grafanaConfig ?? {}, environment, findings);
  if (!config.flag('SERVER_ENABLED')) {
    findings.check(
      LABEL,
      'This Grafana has no secure SOCKS proxy: turn the switch off, or enable [secure_socks_datasource_proxy].'
    );
    return undefined;
  }
  const address = readAddress(config.text('PROXY_ADDRESS'));
  if (address === undefined) {
    findings.check(LABEL, 'Grafana names no usable address for it: proxy_address is host:port.');
    return undefined;
  }
  const isPlaintext = config.flag('ALLOW_INSECURE');
  const key = isPlaintext ? undefined : config.pem('CLIENT_KEY_VAL', 'CLIENT_KEY');
  return {
    ...address,
    serverName: config.text('SERVER_NAME') || address.host,
    rootCas: isPlaintext ? [] : config.rootCas(),
    clientCertificate: isPlaintext ? undefined : config.pem('CLIENT_CERT_VAL', 'CLIENT_CERT'),
    clientKey: key === undefined ? undefined : new Secret(key),
    isPlaintext,
    user: saved.secureSocksProxyUsername || source.uid,
    password: secrets.password('secureSocksProxyPassword'),
  };
}
