/** Checks that the tables of docs/admin/provisioning.md list every saved setting of the contract, with all of its values. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { DEFAULT_MAX_ROWS, DEFAULT_QUERY_TIMEOUT_SECONDS, MAX_QUERY_TIMEOUT_SECONDS } from '../contract/settings';

const ROOT = join(__dirname, '..');
const CONTRACT = join(ROOT, 'contract/settings.ts');

/** The settings by name, each with its values. The list is empty for settings without a fixed list of values. */
type Settings = Map<string, string[]>;

const program = ts.createProgram([CONTRACT], { strict: true, noLib: true });

function settingsOf(interfaceName: string): Settings {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(CONTRACT);
  const declaration = source?.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName
  );
  if (declaration === undefined) {
    throw new Error(`contract/settings.ts has no interface ${interfaceName}`);
  }
  const properties = checker.getTypeAtLocation(declaration).getProperties();
  return new Map(
    properties.map((property) => {
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
      const members = type.isUnion() ? type.types : [type];
      return [property.name, members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []))];
    })
  );
}

interface Row {
  names: string[];
  text: string;
}

/** Rows of all tables with this heading, `jsonData` or `secureJsonData`. */
function documentedRows(heading: string): Row[] {
  const lines = readFileSync(join(ROOT, 'docs/admin/provisioning.md'), 'utf8').split('\n');
  const rows: Row[] = [];
  let isInTable = false;
  for (const line of lines) {
    if (!line.startsWith('|')) {
      isInTable = false;
    } else if (line.startsWith(`| \`${heading}\``)) {
      isInTable = true;
    } else if (isInTable && !/^\|[ -]+\|/.test(line)) {
      const [, names, ...rest] = line.split('|');
      rows.push({ names: [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name), text: rest.join('|') });
    }
  }
  return rows;
}

/** The tables list `oauthParameterName1` and `oauthParameterValue1` in place of the settings with every number. */
function isNumbered(name: string): boolean {
  return name.endsWith('1');
}

/** `legacy`: fields that are read from old settings and never written. They are not documented. */
const tables = [
  { heading: 'jsonData', interfaceName: 'MicromegasSettings', legacy: ['username', 'token'] },
  { heading: 'secureJsonData', interfaceName: 'MicromegasSecrets', legacy: ['password'] },
];

describe.each(tables)('$heading', ({ heading, interfaceName, legacy }) => {
  const settings = settingsOf(interfaceName);
  const rows = documentedRows(heading);
  const documented = rows.flatMap(({ names }) => names);

  it('lists every setting of the contract', () => {
    const missing = [...settings.keys()].filter((name) => !documented.includes(name));
    expect(missing).toEqual(legacy);
  });

  it('lists no setting that the contract does not have', () => {
    expect(documented.filter((name) => !settings.has(name) && !isNumbered(name))).toEqual([]);
  });

  it('lists every value of a setting with a fixed list of values', () => {
    const missing = rows.flatMap(({ names, text }) =>
      names.flatMap((name) =>
        (settings.get(name) ?? [])
          .filter((value) => value !== 'username/password' && !text.includes(`\`${value}\``))
          .map((value) => `${name}: ${value}`)
      )
    );
    expect(missing).toEqual([]);
  });
});

it('finds the values of a setting in the contract', () => {
  expect(settingsOf('MicromegasSettings').get('oauthSecretStyle')).toEqual([
    'auto',
    'post',
    'basic',
    'basic_unencoded',
  ]);
});

it('states the defaults of the contract', () => {
  const textOf = (name: string) => documentedRows('jsonData').find(({ names }) => names.includes(name))?.text;
  expect(textOf('queryTimeoutSeconds')).toContain(`${MAX_QUERY_TIMEOUT_SECONDS}`);
  expect(textOf('queryTimeoutSeconds')).toMatch(new RegExp(`\\| +${DEFAULT_QUERY_TIMEOUT_SECONDS} +\\|`));
  expect(textOf('maxRows')).toMatch(new RegExp(`\\| +${DEFAULT_MAX_ROWS} +\\|`));
});
