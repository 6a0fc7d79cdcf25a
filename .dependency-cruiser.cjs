/** The imports that the tree of docs/developer/architecture.md permits, as rules of dependency-cruiser. */
const { readdirSync } = require('node:fs');
const path = require('node:path');

const entriesOf = (folder) => readdirSync(path.join(__dirname, folder), { withFileTypes: true });

/**
 * A rule: of the project's folders and files, `folder` may import only itself and those in `allowed`. Tests and their
 * helpers in testing/ may import others too.
 */
function only(folder, allowed, comment) {
  return {
    name: `only-${folder.replace(/\//g, '-')}`,
    comment,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: '(\\.test\\.tsx?|/testing/[^/]+)$' },
    to: {
      path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/',
      pathNot: [
        `^${folder}/`,
        ...allowed.map((to) => (to.endsWith('.ts') ? `^${to.replace('.', '\\.')}$` : `^${to}/`)),
      ],
    },
  };
}

/** Folders that most other folders of the backend may import. */
const BASE = ['proxy/base', 'proxy/observe/logging', 'proxy/observe/telemetry'];

/**
 * The folders of the backend, with the folders that each may import: only folders that are listed after it. Only
 * `main.ts` may import all of them.
 */
const WINGS = {
  grafana: ['query', 'observe', 'base'],
  handlers: ['query', 'views', 'frames', 'lakehouse', 'sql', 'observe', 'base'],
  query: ['views', 'frames', 'lakehouse', 'sql', 'observe', 'base'],
  views: ['frames', 'lakehouse', 'sql', 'observe', 'base'],
  frames: ['observe', 'base'],
  lakehouse: ['sql', 'observe', 'base'],
  sql: ['observe', 'base'],
  observe: ['base'],
  base: [],
};

/** The same for the frontend, where only `datasource.ts` and `module.ts` may import all folders. */
const FRONTEND = {
  settings: ['shared'],
  annotations: ['editor', 'shared'],
  variables: ['editor', 'shared'],
  editor: ['explore', 'shared'],
  explore: ['shared'],
  shared: [],
};

/** The same for `contract/`. Each of its folders may also import `CONTRACT_FILES`. */
const CONTRACT = {
  queries: ['builder', 'query-types', 'logs', 'messages', 'settings'],
  builder: ['query-types', 'sql'],
  'query-types': ['logs'],
  logs: ['resources'],
  sql: [],
  resources: ['messages'],
  problems: ['messages', 'settings'],
  messages: ['settings'],
  settings: [],
};

/** The files directly in `contract/`. */
const CONTRACT_FILES = entriesOf('contract')
  .filter((entry) => entry.isFile())
  .map(({ name }) => `contract/${name}`);

/** The folders of query types: those that have a file `…-frames.ts`. */
const VIEW_TYPE_FOLDERS = entriesOf('proxy/views')
  .filter(
    (entry) =>
      entry.isDirectory() && entriesOf(`proxy/views/${entry.name}`).some(({ name }) => name.endsWith('-frames.ts'))
  )
  .map(({ name }) => name);

/** Folders of `proxy/views/` that the folder of a query type uses. */
const USED_VIEWS = { processes: ['images'], 'what-changed': ['processes', 'traces'] };

/** The rules for the folders in `root`. Each folder may also import `common`. */
function layers(root, folders, common) {
  return Object.entries(folders).map(([folder, lower]) =>
    only(
      `${root}/${folder}`,
      [...common, ...lower.map((name) => `${root}/${name}`)],
      'docs/developer/architecture.md says what each folder is for.'
    )
  );
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-dependencies',
      comment: 'Webpack resolves module and amd-module, and Jest @grafana/ui/real.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(module|amd-module|@grafana/ui/real)$' },
    },
    {
      name: 'arrow-ipc-index',
      comment:
        'Other folders import only the index of arrow-ipc. Tests and their helpers may import each of its files.',
      severity: 'error',
      from: { pathNot: ['^proxy/frames/arrow-ipc/', '^tests/', '(\\.test\\.tsx?|/testing/[^/]+)$'] },
      to: { path: '^proxy/frames/arrow-ipc/', pathNot: '^proxy/frames/arrow-ipc/index\\.ts$' },
    },
    only('dashboards/source', ['contract'], 'The programs write queries as the editor saves them.'),
    only('contract', [], 'Frontend and backend share this folder, so it imports neither.'),
    only('src', ['contract'], 'The frontend never imports the backend.'),
    ...layers('contract', CONTRACT, CONTRACT_FILES),
    ...layers('src', FRONTEND, ['contract']),
    ...layers('proxy', WINGS, ['contract', 'packages/http2']),
    {
      name: 'http2-for-connections-only',
      comment: 'Only the connections to Grafana and to Micromegas use HTTP/2.',
      severity: 'error',
      from: { path: '^proxy/', pathNot: ['^proxy/(grafana|lakehouse/flight-sql)/', '\\.test\\.ts$', '/testing/'] },
      to: { path: '^packages/http2/' },
    },
    only('proxy/base/errors', ['contract'], 'Any folder may import the errors, so the errors import only contract/.'),
    only(
      'proxy/base/async',
      ['proxy/base/errors'],
      'Any folder may import these helpers, so they import only the errors.'
    ),
    only('proxy/base/protobuf', [], 'Reads protobuf messages from tables of fields, which the callers pass.'),
    {
      name: 'only-proxy-grpc',
      comment: 'The parts of gRPC that do not depend on the direction of a call.',
      severity: 'error',
      from: { path: '^proxy/base/grpc\\.ts$' },
      to: { path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/' },
    },
    only('proxy/generated', [], 'Output of proto/.'),
    only('proxy/observe/logging', ['proxy/base'], 'Any folder may import the log.'),
    only('proxy/observe/telemetry', ['proxy/observe/logging', 'proxy/base'], 'Any folder may report to telemetry.'),
    only('proxy/observe/memory', BASE, 'Counts the bytes of other folders.'),
    only('proxy/observe/metrics', BASE, 'The metrics, to which other folders report.'),
    only(
      'proxy/observe/tracing',
      ['contract', ...BASE],
      'A separate bundle, which implements an interface of telemetry/.'
    ),
    {
      name: 'tracing-is-loaded-at-run-time',
      comment: 'An import would add OpenTelemetry to the bundle of the backend.',
      severity: 'error',
      from: { pathNot: '^proxy/observe/tracing/' },
      to: { path: '^proxy/observe/tracing/' },
    },
    only('proxy/sql/guard', ['contract', 'proxy/base/errors'], 'Checks that a statement only reads.'),
    only('proxy/sql/macros', ['contract', ...BASE], 'Expands macros.'),
    only('proxy/sql/edit', ['contract', ...BASE], 'Edits SQL, with the SQL parser.'),
    only(
      'proxy/frames/arrow-ipc',
      ['proxy/observe/memory', 'proxy/base/errors', 'contract'],
      'Arrow messages as bytes, independent of Grafana.'
    ),
    only(
      'proxy/frames/data-frames',
      ['proxy/frames/arrow-ipc', 'proxy/observe/memory', 'contract', ...BASE],
      "Converts Arrow results to Grafana's frames."
    ),
    only(
      'proxy/lakehouse/network',
      ['contract', ...BASE],
      'Opens connections, independent of the protocol that uses them.'
    ),
    only('proxy/lakehouse/operator', ['contract', ...BASE], 'The restrictions that the operator of Grafana sets.'),
    only(
      'proxy/lakehouse/oidc',
      ['proxy/lakehouse/network', 'contract', ...BASE],
      'Gets access tokens, independent of queries.'
    ),
    only(
      'proxy/lakehouse/flight-sql',
      ['packages/http2', 'proxy/observe/memory', 'proxy/lakehouse/network', 'proxy/sql/guard', 'contract', ...BASE],
      'The Flight SQL client. Its caller passes the token.'
    ),
    only(
      'proxy/views/lake-reader',
      ['proxy/frames', 'proxy/observe/memory', 'contract', ...BASE],
      'Reads the rows of statements, for results of several statements.'
    ),
    only('proxy/views/images', ['proxy/views/lake-reader', 'contract', ...BASE], 'Reads one image by its address.'),
    only(
      'proxy/views/perfetto',
      ['proxy/views/lake-reader', 'contract', ...BASE],
      'Reads the Perfetto trace of a process and a range.'
    ),
    ...VIEW_TYPE_FOLDERS.map((folder) =>
      only(
        `proxy/views/${folder}`,
        [
          'proxy/views/view-context.ts',
          'proxy/views/nothing-found.ts',
          'proxy/views/lake-reader',
          'proxy/frames/data-frames',
          'proxy/observe/memory',
          'contract',
          ...(USED_VIEWS[folder] ?? []).map((used) => `proxy/views/${used}`),
          ...BASE,
        ],
        'Returns the frames of a request, from statements of its own.'
      )
    ),
    {
      name: 'packages-stand-alone',
      comment: 'A package, with its tests and scripts, must also work in another repository.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'packages-by-their-entries',
      comment: 'What a package does not export may change at any time.',
      severity: 'error',
      from: { pathNot: '^packages/' },
      to: { path: '^packages/', pathNot: '^packages/[^/]+/src/(testing/)?index\\.ts$' },
    },
    {
      name: 'testing-entries-for-tests-only',
      severity: 'error',
      from: { pathNot: '^(packages|tests)/|\\.test\\.tsx?$|/testing/' },
      to: { path: '^packages/[^/]+/src/testing/' },
    },
    only(
      'migration',
      ['contract', 'proxy/base', 'proxy/sql/guard'],
      'A separate command, which reads saved queries and does not run them.'
    ),
    only(
      'demo',
      ['contract', 'proxy/generated', 'proxy/frames/arrow-ipc'],
      'Not shipped. Shares only contract/ and the wire formats with the plugin.'
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
