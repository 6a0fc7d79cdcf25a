import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { micromegasOrigin } from './micromegas-origin';

let shared: string;

beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'shared'));
});

afterEach(() => rmSync(shared, { recursive: true, force: true }));

const nothing = () => undefined;
const everything = (program: string) => `/bin/${program}`;
const RUNNING = { MICROMEGAS_ADDRESS: 'lake.example.com:50051', MICROMEGAS_API_KEY: 'key' };

describe('MICROMEGAS_ADDRESS', () => {
  it('names a running server, with ingestion on port 9000 of its host', () => {
    expect(micromegasOrigin(RUNNING, shared, nothing)).toEqual({
      kind: 'running',
      flight: 'lake.example.com:50051',
      ingestion: 'http://lake.example.com:9000',
      apiKey: 'key',
      oauth: undefined,
    });
  });

  it('reads the ingestion URL and the OAuth client from variables', () => {
    const env = {
      ...RUNNING,
      MICROMEGAS_INGESTION_URL: 'https://ingest.example.com',
      MICROMEGAS_OAUTH_ISSUER: 'https://issuer.example.com/',
      MICROMEGAS_OAUTH_CLIENT_ID: 'grafana',
      MICROMEGAS_OAUTH_CLIENT_SECRET: 'secret',
      MICROMEGAS_OAUTH_AUDIENCE: 'micromegas',
    };
    expect(micromegasOrigin(env, shared, nothing)).toMatchObject({
      ingestion: 'https://ingest.example.com',
      oauth: {
        issuer: 'https://issuer.example.com/',
        clientId: 'grafana',
        clientSecret: 'secret',
        audience: 'micromegas',
      },
    });
  });

  it('is used even if MICROMEGAS_IMAGE is set', () => {
    const env = { ...RUNNING, MICROMEGAS_IMAGE: 'micromegas' };
    expect(micromegasOrigin(env, shared, everything)).toMatchObject({ kind: 'running' });
  });

  it.each(['lake.example.com', 'http://lake.example.com:50051', ':50051'])('is not accepted as %j', (address) => {
    expect(micromegasOrigin({ ...RUNNING, MICROMEGAS_ADDRESS: address }, shared, nothing)).toEqual({
      missing: `MICROMEGAS_ADDRESS is "${address}" and not host:port`,
    });
  });

  it('needs an API key', () => {
    expect(micromegasOrigin({ ...RUNNING, MICROMEGAS_API_KEY: '' }, shared, nothing)).toEqual({
      missing: 'MICROMEGAS_ADDRESS is set, but not MICROMEGAS_API_KEY',
    });
  });
});

describe('MICROMEGAS_IMAGE', () => {
  it('names an image, which Docker runs', () => {
    expect(micromegasOrigin({ MICROMEGAS_IMAGE: 'micromegas:1' }, shared, everything)).toEqual({
      kind: 'image',
      docker: '/bin/docker',
      image: 'micromegas:1',
    });
  });

  it('needs Docker', () => {
    expect(micromegasOrigin({ MICROMEGAS_IMAGE: 'micromegas:1' }, shared, nothing)).toEqual({
      missing: 'MICROMEGAS_IMAGE is set, but Docker is not installed',
    });
  });
});

describe('the start script', () => {
  const script = () => join(shared, 'micromegas-server', 'run');

  it('is reported as missing if the shared folder does not contain it', () => {
    expect(micromegasOrigin({}, shared, everything)).toEqual({
      missing: `neither MICROMEGAS_ADDRESS nor MICROMEGAS_IMAGE is set, and there is no ${script()}`,
    });
  });

  it('needs cargo', () => {
    mkdirSync(join(shared, 'micromegas-server'));
    writeFileSync(script(), '');
    expect(micromegasOrigin({}, shared, nothing)).toEqual({
      missing: process.platform === 'linux' ? 'cargo is not installed' : `${script()} runs on Linux only`,
    });
  });
});
