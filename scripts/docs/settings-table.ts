/**
 * Creates the tables of data source settings for the documentation, from the types and comments in
 * `contract/settings/settings.ts`.
 */
import { join } from 'node:path';
import ts from 'typescript';
import {
  DEFAULT_FRESHNESS_NOTICES,
  DEFAULT_MAX_ROWS,
  DEFAULT_INCREMENTAL_REFRESH_MINUTES,
  DEFAULT_MAX_STATEMENTS,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
  DEFAULT_RESULT_AGE_SECONDS,
  DEFAULT_RESULT_SHARING,
  MAX_INCREMENTAL_REFRESH_MINUTES,
  MAX_QUERY_TIMEOUT_SECONDS,
  MAX_RESULT_AGE_SECONDS,
} from '../../contract/settings/settings';
import { markdownTable } from './markdown';

const CONTRACT = join(__dirname, '../../contract/settings/settings.ts');

interface Setting {
  name: string;
  /** The possible values in Markdown, for example `true`, `false`. */
  values: string;
  meaning: string;
  /** The default. Empty if the comment names no default. */
  missing: string;
}

/** Settings whose names end with a number, which counts from 1. The types contain only a pattern for these names. */
const NUMBERED: Readonly<Record<string, readonly Setting[]>> = {
  MicromegasSettings: [
    {
      name: 'oauthParameterName1',
      values: 'string',
      meaning: 'Name of an additional parameter of the token request.',
      missing: 'none',
    },
    {
      name: 'oauthParameterValue1',
      values: 'string',
      meaning: 'Value of this parameter. A secret value is in `secureJsonData` under the same name.',
      missing: '',
    },
    {
      name: 'secureMetadataName1',
      values: 'string',
      meaning: 'Name of a header that is sent with each call. The value of the header is secret.',
      missing: 'none',
    },
  ],
  MicromegasSecrets: [
    {
      name: 'oauthParameterValue1',
      values: '',
      meaning: 'Secret value of the parameter `oauthParameterName1`.',
      missing: '',
    },
    { name: 'secureMetadataValue1', values: '', meaning: 'Value of the header `secureMetadataName1`.', missing: '' },
  ],
};

/** Fields that only old versions of the plugin saved. They have no row. */
const LEGACY: ReadonlySet<string> = new Set([
  'MicromegasSettings.username',
  'MicromegasSettings.token',
  'MicromegasSecrets.password',
]);

const GROUPS: ReadonlyArray<{ title: string; names: RegExp }> = [
  {
    title: 'Server and sign-in',
    names: /^(?:host|secure|selectedAuthType|authMethodChosen|enableUserAttribution|metadata|secureMetadata.*)$/,
  },
  {
    title: 'Queries and editors',
    names:
      /^(?:queryTimeoutSeconds|maxRows|maxAnswerMegabytes|maxStatements|maxRangeHours|resultAgeSeconds|shareResults|incrementalRefreshMinutes|suggestValues|sourceUrl|freshnessNotices)$/,
  },
  { title: 'OAuth 2.0', names: /^oauth(?!Tls|Proxy|ServerName)/ },
  {
    title: 'TLS, SOCKS and HTTP proxies',
    names: /^(?:tls|oauthTls|oauthProxy(?:Url|User)|serverName|oauthServerName|.*SecureSocks|secureSocks)/,
  },
];

const CONSTANTS: Readonly<Record<string, string>> = {
  '`MAX_QUERY_TIMEOUT_SECONDS`': String(MAX_QUERY_TIMEOUT_SECONDS),
  '`DEFAULT_QUERY_TIMEOUT_SECONDS`': String(DEFAULT_QUERY_TIMEOUT_SECONDS),
  '`DEFAULT_MAX_ROWS`': String(DEFAULT_MAX_ROWS),
  '`DEFAULT_MAX_STATEMENTS`': String(DEFAULT_MAX_STATEMENTS),
  '`DEFAULT_RESULT_AGE_SECONDS`': String(DEFAULT_RESULT_AGE_SECONDS),
  '`MAX_RESULT_AGE_SECONDS`': String(MAX_RESULT_AGE_SECONDS),
  '`DEFAULT_INCREMENTAL_REFRESH_MINUTES`': String(DEFAULT_INCREMENTAL_REFRESH_MINUTES),
  '`MAX_INCREMENTAL_REFRESH_MINUTES`': String(MAX_INCREMENTAL_REFRESH_MINUTES),
  DEFAULT_FRESHNESS_NOTICES,
  DEFAULT_RESULT_SHARING,
  ', see `effectiveAuthType`': '',
};

function withConstants(source: string): string {
  return Object.entries(CONSTANTS).reduce((result, [name, value]) => result.replaceAll(name, value), source);
}

/** The settings of an interface, in the order of their declaration. */
function settingsOf(program: ts.Program, interfaceName: string): Setting[] {
  const checker = program.getTypeChecker();
  const declaration = program
    .getSourceFile(CONTRACT)
    ?.statements.find((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName);
  if (declaration === undefined) {
    throw new Error(`contract/settings/settings.ts has no interface ${interfaceName}.`);
  }
  const properties = checker.getTypeAtLocation(declaration).getProperties();
  return properties.map((property) => {
    const comment = ts.displayPartsToString(property.getDocumentationComment(checker));
    if (comment === '') {
      throw new Error(`contract/settings/settings.ts has no comment on ${interfaceName}.${property.name}.`);
    }
    const tag = property.getJsDocTags(checker).find(({ name }) => name === 'defaultValue');
    return {
      name: property.name,
      values: formatValues(checker, checker.getNonNullableType(checker.getTypeOfSymbol(property))),
      meaning: withConstants(comment),
      missing: withConstants(ts.displayPartsToString(tag?.text)),
    };
  });
}

function formatValues(checker: ts.TypeChecker, type: ts.Type): string {
  const literals = (type.isUnion() ? type.types : []).filter((member) => member.isStringLiteral());
  if (literals.length > 0) {
    return literals
      .filter(({ value }) => value !== 'username/password')
      .map(({ value }) => `\`${value}\``)
      .join(', ');
  }
  if (
    (type.flags & ts.TypeFlags.Boolean) !== 0 ||
    (type.isUnion() && type.types.every(({ flags }) => flags & ts.TypeFlags.BooleanLiteral))
  ) {
    return '`true`, `false`';
  }
  const members = (type.isUnion() ? type.types : [type]).map((member) => checker.typeToString(member));
  const values = members.map((name) => (/^(?:string|number)$/.test(name) ? name : 'list'));
  return values.join(' or ');
}

function rowsOf(program: ts.Program, interfaceName: string): Setting[] {
  const own = settingsOf(program, interfaceName).filter(({ name }) => !LEGACY.has(`${interfaceName}.${name}`));
  return [...own, ...NUMBERED[interfaceName]];
}

function createProgram(): ts.Program {
  return ts.createProgram([CONTRACT], { strict: true, types: [] });
}

/** The names of the settings and secrets in the tables. For numbered settings, only the first name. */
export function settingNames(): ReadonlySet<string> {
  const program = createProgram();
  return new Set(Object.keys(NUMBERED).flatMap((name) => rowsOf(program, name).map((setting) => setting.name)));
}

/** @throws {Error} if a setting has no comment or belongs to no group. */
export function settingsTables(): string {
  const program = createProgram();
  const settings = rowsOf(program, 'MicromegasSettings');
  const groupOf = (name: string) => GROUPS.find(({ names }) => names.test(name));
  const lost = settings.filter(({ name }) => groupOf(name) === undefined);
  if (lost.length > 0) {
    throw new Error(`scripts/docs/settings-table.ts has no group for ${lost.map(({ name }) => name).join(', ')}.`);
  }
  const tables = GROUPS.map((group) => {
    const rows = settings
      .filter(({ name }) => groupOf(name) === group)
      .map(({ name, values, meaning, missing }) => [`\`${name}\``, values, meaning, missing]);
    return `### ${group.title}\n\n${markdownTable([`\`jsonData\`: ${group.title}`, 'Values', 'Meaning', 'When missing'], rows)}`;
  });
  const secrets = rowsOf(program, 'MicromegasSecrets').map(({ name, meaning }) => [`\`${name}\``, meaning]);
  return [...tables, `### Secrets\n\n${markdownTable(['`secureJsonData`', 'Meaning'], secrets)}`].join('\n\n');
}
