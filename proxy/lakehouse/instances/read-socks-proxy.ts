/**
 * Reads Grafana's secure SOCKS proxy for data sources. A data source has a switch for this proxy, and may have its own
 * user name and password for it. The address is in Grafana's configuration, which is part of each request. Older
 * versions of Grafana pass this configuration as environment variables.
 */
import { message } from '../../../contract/messages/message';
import { isPort } from '../../../contract/problems/settings-problems';
import { type Environment } from '../../base/environment';
import { ReadFile } from '../../base/file-version';
import { Secret } from '../../observe/logging/secret';
import { type SocksProxy } from '../network/routes';
import { repairPem } from '../oidc/pem';
import { type Findings } from './findings';
import { type SavedDataSource, SOCKS_KEY_PREFIX } from './saved-data-source';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

/** The SOCKS proxy, and the files with its keys and certificates. */
interface ConfiguredSocksProxy {
  proxy: SocksProxy;
  files: readonly ReadFile[];
}

class GrafanaSocksConfig {
  readonly files: ReadFile[] = [];
  readonly #config: Readonly<Record<string, string>>;
  readonly #environment: Environment;
  readonly #findings: Findings;

  constructor(config: Readonly<Record<string, string>>, environment: Environment, findings: Findings) {
    this.#config = config;
    this.#environment = environment;
    this.#findings = findings;
  }

  string(key: string): string {
    const name = `${SOCKS_KEY_PREFIX}${key}`;
    return (this.#config[name] || this.#environment[name] || '').trim();
  }

  flag(key: string): boolean {
    return /^(?:true|1)$/i.test(this.string(key));
  }

  /** A key or certificate, which is either the configured value or the content of the configured file. */
  pem(valueKey: string, fileKey: string): string | undefined {
    const value = this.string(valueKey);
    return value === '' ? this.#file(this.string(fileKey)) : repairPem(value);
  }

  /**
   * The CA certificates: the certificates in `ROOT_CA_CERT_VALS`, separated by commas. If there are none, those in the
   * files of `ROOT_CA_CERT`, whose paths are separated by white space.
   */
  rootCas(): string[] {
    const values = this.string('ROOT_CA_CERT_VALS').split(',').map(repairPem);
    const pems = values.some((value) => value !== '')
      ? values
      : this.string('ROOT_CA_CERT')
          .split(/\s+/)
          .map((path) => this.#file(path) ?? '');
    return pems.filter((value) => value !== '');
  }

  /** Reads a file, which may be in any folder because the operator has configured it. */
  #file(path: string): string | undefined {
    if (path === '') {
      return undefined;
    }
    const { file, content } = ReadFile.read(path);
    this.files.push(file);
    if (content === undefined) {
      this.#findings.check('enableSecureSocksProxy', message('socks-file-unreadable', { path }));
    }
    return content?.trim();
  }
}

function readAddress(address: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/i.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && isPort(port) ? { host, port } : undefined;
}

/**
 * The SOCKS proxy. Undefined if the data source does not use it, or if Grafana's configuration has no proxy or an
 * invalid address. Adds problems to `findings`.
 */
export function readSocksProxy(
  saved: SavedFields,
  secrets: SecretFields,
  source: Pick<SavedDataSource, 'uid' | 'grafanaConfig'>,
  environment: Environment,
  findings: Findings
): ConfiguredSocksProxy | undefined {
  if (saved.enableSecureSocksProxy !== true) {
    return undefined;
  }
  const config = new GrafanaSocksConfig(source.grafanaConfig ?? {}, environment, findings);
  if (!config.flag('SERVER_ENABLED')) {
    findings.check('enableSecureSocksProxy', message('socks-not-configured'));
    return undefined;
  }
  const address = readAddress(config.string('PROXY_ADDRESS'));
  if (address === undefined) {
    findings.check('enableSecureSocksProxy', message('socks-address-invalid'));
    return undefined;
  }
  const isPlaintext = config.flag('ALLOW_INSECURE');
  const key = isPlaintext ? undefined : config.pem('CLIENT_KEY_VAL', 'CLIENT_KEY');
  const proxy: SocksProxy = {
    ...address,
    serverName: config.string('SERVER_NAME') || address.host,
    rootCas: isPlaintext ? [] : config.rootCas(),
    clientCertificate: isPlaintext ? undefined : config.pem('CLIENT_CERT_VAL', 'CLIENT_CERT'),
    clientKey: key === undefined ? undefined : new Secret(key),
    isPlaintext,
    user: saved.secureSocksProxyUsername || source.uid,
    password: secrets.password('secureSocksProxyPassword'),
  };
  return { proxy, files: config.files };
}
