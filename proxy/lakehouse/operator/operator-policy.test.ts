import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { createLogger } from '../../observe/logging/logger';
import { createOperatorPolicy } from './operator-policy';

let lines: string[];

beforeEach(() => {
  lines = [];
});

const policyOf = (env: Record<string, string>) =>
  createOperatorPolicy(env, createLogger({ write: (line) => void lines.push(line) }));

describe('hosts', () => {
  it.each([
    { list: undefined, host: 'anything', port: 1, allowed: true },
    { list: ' ', host: 'anything', port: 1, allowed: true },
    { list: 'lake.example', host: 'LAKE.example.', port: 443, allowed: true },
    { list: 'lake.example', host: 'lake.example.evil', port: 443, allowed: false },
    { list: 'lake.example:50051', host: 'lake.example', port: 50051, allowed: true },
    { list: 'lake.example:50051', host: 'lake.example', port: 443, allowed: false },
    { list: 'a.example, *.b.example', host: 'x.y.b.example', port: 1, allowed: true },
    { list: 'a.example *.b.example', host: 'b.example', port: 1, allowed: false },
    { list: '*.b.example:1', host: 'x.b.example', port: 2, allowed: false },
    { list: '*.b.example', host: 'xb.example', port: 1, allowed: false },
    { list: '10.0.0.1', host: '10.0.0.1', port: 1, allowed: true },
    { list: '[fd00::1]:50051', host: 'fd00:0:0::1', port: 50051, allowed: true },
    { list: '[fd00::1]', host: 'fd00::2', port: 1, allowed: false },
  ])('with allowed_hosts $list, $host:$port is allowed: $allowed', ({ list, host, port, allowed }) => {
    const policy = policyOf(list === undefined ? {} : { GF_PLUGIN_ALLOWED_HOSTS: list });
    expect(policy.allowsHost(host, port)).toBe(allowed);
    expect(lines).toEqual([]);
  });

  it.each(['https://lake.example', 'lake.example:port', '*', '[::g]', 'lake.example:0', 'a*.example', ','])(
    'allows nothing for the invalid entry %s, and logs it',
    (list) => {
      const policy = policyOf({ GF_PLUGIN_ALLOWED_HOSTS: list });
      expect(policy.allowsHost('lake.example', 443)).toBe(false);
      expect(lines.join('')).toMatch(/"@level":"error".*allowed_hosts/);
    }
  );
});

describe('plaintext', () => {
  it.each([
    ['', false],
    ['false', false],
    ['0', false],
    [' True ', true],
    ['yes', true],
  ])('with refuse_plaintext_tokens %p, plaintext is forbidden: %s', (value, rejects) => {
    expect(policyOf({ GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: value }).rejectsPlaintextTokens).toBe(rejects);
    expect(lines).toEqual([]);
  });

  it('is rejected when the value of the switch is unknown, and the value is logged', () => {
    expect(policyOf({ GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: 'treu' }).rejectsPlaintextTokens).toBe(true);
    expect(lines.join('')).toMatch(/refuse_plaintext_tokens.*treu/);
  });
});

describe('keys', () => {
  const codeOfKeys = (env: Record<string, string>): string => {
    try {
      policyOf(env).checkKeys();
      return 'none';
    } catch (reason) {
      return ProxyError.from(reason).code;
    }
  };

  it.each([
    'ALLOWED_HOST',
    'ALOWED_HOSTS',
    'ALLOWED-HOSTS',
    'ALLOWEDHOSTS',
    'ALLOW_HOSTS',
    'HOSTS_ALLOWED',
    'ALLOWED_HOST_NAMES',
    'REFUSE_PLAINTEXT_TOKEN',
    'REFUSE_PLAIN_TEXT',
    'ALLOWED_FILE_FOLDER',
  ])('allows nothing if the key %s resembles a restriction, and logs it', (name) => {
    expect(codeOfKeys({ [`GF_PLUGIN_${name}`]: 'lake.example' })).toBe('restriction_mistyped');
    expect(lines.join('')).toMatch(/"@level":"error".*resembles a restriction/);
  });

  it.each([
    ['MEMORY_BUDGETMB', /"@level":"warn".*memory_budget_mb/],
    ['COLOUR', /"@level":"warn".*colour/],
  ])('warns about the key %s, which has no effect', (name, logged) => {
    expect(codeOfKeys({ [`GF_PLUGIN_${name}`]: '1' })).toBe('none');
    expect(lines.join('')).toMatch(logged);
  });

  it('accepts the variables that Grafana sets, and those of other sections', () => {
    const names = [
      'GF_PLUGIN_VERSION',
      'GF_PLUGIN_APP_CLIENT_ID',
      'GF_PLUGIN_APP_PRIVATE_KEY',
      'GF_PLUGINS_ALLOWED_HOST',
    ];
    expect(codeOfKeys(Object.fromEntries(names.map((name) => [name, 'x'])))).toBe('none');
    expect(lines).toEqual([]);
  });

  it('lists the restrictions that are in force', () => {
    expect(policyOf({ GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: 'false' }).restrictions).toEqual(message('restrictions-none'));
    const env = { GF_PLUGIN_ALLOWED_HOSTS: 'lake.example', GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: 'yes' };
    const restrictions = 'allowed_hosts = lake.example; refuse_plaintext_tokens = yes';
    expect(policyOf(env).restrictions).toEqual(message('restrictions-in-force', { restrictions }));
  });
});

describe('files', () => {
  const HOSTS = { GF_PLUGIN_ALLOWED_HOSTS: 'lake.example.com' };
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(realpathSync(tmpdir()), 'policy-'));
    mkdirSync(join(root, 'allowed', 'sub'), { recursive: true });
    mkdirSync(join(root, 'allowed-not'));
    writeFileSync(join(root, 'outside'), 'outside');
    writeFileSync(join(root, 'allowed-not', 'file'), 'beside');
    writeFileSync(join(root, 'allowed', 'sub', 'token'), '  hush\r\n');
    writeFileSync(join(root, 'allowed', 'empty'), ' \n');
    writeFileSync(join(root, 'allowed', 'large'), 'x'.repeat(65_537));
    writeFileSync(join(root, 'allowed', 'limit'), 'x'.repeat(65_536));
    symlinkSync(join(root, 'outside'), join(root, 'allowed', 'way-out'));
    symlinkSync(join(root, 'allowed', 'sub'), join(root, 'allowed', 'way-in'));
    symlinkSync(join(root, 'allowed'), join(root, 'other-name'));
    symlinkSync(join(root, 'allowed', 'nowhere'), join(root, 'allowed', 'dangling'));
    symlinkSync(join(root, 'nowhere'), join(root, 'allowed', 'dangling-out'));
    symlinkSync(join(root, 'allowed-not'), join(root, 'allowed', 'folder-out'));
    symlinkSync('folder-out/../nowhere', join(root, 'allowed', 'dangling-dots'));
    symlinkSync('loop', join(root, 'allowed', 'loop'));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  async function read(path: string, folders = join(root, 'allowed')): Promise<string> {
    try {
      return await policyOf({ ...HOSTS, GF_PLUGIN_ALLOWED_FILE_FOLDERS: folders }).readFile(join(root, path));
    } catch (reason) {
      return ProxyError.from(reason).code;
    }
  }

  it.each([
    ['a file in the folder', 'allowed/sub/token', 'hush'],
    ['a file behind a link within the folder', 'allowed/way-in/token', 'hush'],
    ['a file of the maximum size', 'allowed/limit', 'x'.repeat(65_536)],
    ['a file above the maximum size', 'allowed/large', 'file_unreadable'],
    ['an empty file', 'allowed/empty', 'file_unreadable'],
    ['a folder', 'allowed/sub', 'file_unreadable'],
    ['a file that does not exist', 'allowed/none', 'file_unreadable'],
    ['a dangling link', 'allowed/dangling', 'file_unreadable'],
    ['a link that leads to itself', 'allowed/loop', 'file_unreadable'],
    ['a link out of the folder', 'allowed/way-out', 'file_not_allowed'],
    ['a dangling link out of the folder', 'allowed/dangling-out', 'file_not_allowed'],
    ['a dangling link out of the folder with ..', 'allowed/dangling-dots', 'file_not_allowed'],
    ['an existing file behind a link out of the folder', 'allowed/folder-out/file', 'file_not_allowed'],
    ['a missing file behind a link out of the folder', 'allowed/folder-out/none', 'file_not_allowed'],
    ['a path below a file behind a link out of the folder', 'allowed/folder-out/file/none', 'file_not_allowed'],
    ['a file in a folder with a longer name', 'allowed-not/file', 'file_not_allowed'],
    ['an existing file outside', 'outside', 'file_not_allowed'],
    ['a missing file outside', 'none', 'file_not_allowed'],
  ])('returns the content without white space around it, or the error code, for %s', async (_name, path, response) => {
    expect(await read(path)).toBe(response);
  });

  it('returns another version after the file was written, and after a link to it was replaced', async () => {
    const policy = policyOf({ ...HOSTS, GF_PLUGIN_ALLOWED_FILE_FOLDERS: join(root, 'allowed') });
    const link = join(root, 'allowed', 'link');
    const versions = new Set<string>();
    const addVersion = async () => void versions.add(await policy.fileVersion(link));
    symlinkSync(join(root, 'allowed', 'sub', 'token'), link);
    await addVersion();
    await addVersion();
    expect(versions.size).toBe(1);
    writeFileSync(link, 'longer than before');
    await addVersion();
    expect(versions.size).toBe(2);
    rmSync(link);
    symlinkSync(join(root, 'allowed', 'limit'), link);
    await addVersion();
    expect(versions.size).toBe(3);
    await expect(policy.fileVersion(join(root, 'outside'))).rejects.toMatchObject({ code: 'file_not_allowed' });
  });

  it.each(['way-out', 'dangling-out', 'folder-out/file', 'folder-out/none'])(
    'reports that a link leads out of the folders, without naming its target: %s',
    async (name) => {
      const policy = policyOf({ ...HOSTS, GF_PLUGIN_ALLOWED_FILE_FOLDERS: join(root, 'allowed') });
      const path = join(root, 'allowed', name);
      await expect(policy.readFile(path)).rejects.toMatchObject({
        code: 'file_not_allowed',
        messages: { detail: [message('file-link-leads-out', { path })] },
      });
    }
  );

  it('follows a limited number of links, even if the path of each link contains the next link twice', async () => {
    for (let number = 0; number < 40; number++) {
      symlinkSync(`link${number + 1}/../link${number + 1}`, join(root, 'allowed', `link${number}`));
    }
    symlinkSync('nowhere', join(root, 'allowed', 'link40'));
    expect(await read('allowed/link0')).toBe('file_unreadable');
  });

  it('reports that a file is missing if its allowed folder does not exist', async () => {
    expect(await read('unmounted/token', join(root, 'unmounted'))).toBe('file_unreadable');
  });

  it('rejects a path that leaves the folder with ..', async () => {
    const policy = policyOf({ ...HOSTS, GF_PLUGIN_ALLOWED_FILE_FOLDERS: join(root, 'allowed') });
    await expect(policy.readFile(`${root}/allowed/../outside`)).rejects.toMatchObject({ code: 'file_not_allowed' });
  });

  it('accepts both the path of a linked folder and its real path', async () => {
    expect(await read('other-name/sub/token', join(root, 'other-name'))).toBe('hush');
    expect(await read('allowed/sub/token', join(root, 'other-name'))).toBe('hush');
  });

  it('rejects every file when no folder is allowed', async () => {
    await expect(policyOf({}).readFile(join(root, 'outside'))).rejects.toMatchObject({
      code: 'file_not_allowed',
      detail: expect.stringMatching(/no folder is allowed/),
    });
  });

  it.each<Record<string, string>>([{}, { GF_PLUGIN_ALLOWED_HOSTS: '  ' }])(
    'rejects every file when every host is allowed: %j',
    async (hosts) => {
      const policy = policyOf({ ...hosts, GF_PLUGIN_ALLOWED_FILE_FOLDERS: join(root, 'allowed') });
      for (const path of ['allowed/sub/token', 'allowed/none', 'outside']) {
        await expect(policy.readFile(join(root, path))).rejects.toMatchObject({ code: 'file_hosts_unrestricted' });
      }
      expect(lines.join('')).toMatch(/"@level":"error".*allowed_hosts/);
    }
  );

  it('accepts several folders, and logs a relative one', async () => {
    expect(await read('allowed/sub/token', `relative, ${root}/none ${root}/allowed`)).toBe('hush');
    expect(lines).toHaveLength(1);
    expect(lines.join('')).toMatch(/"@level":"error".*allowed_file_folders.*relative/);
  });
});
