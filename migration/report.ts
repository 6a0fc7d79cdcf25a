/** Writes the report as plain text and as JSON. */
import { foreignLine } from '../proxy/base/errors/foreign-string';
import { type Effect, FINDING_MESSAGES, type FindingCode } from './finding-messages';
import { type Finding } from './findings';

/** A finding, and the data source, dashboard, library panel or alert rule that has it. */
export interface Place {
  kind: 'data source' | 'dashboard' | 'library panel' | 'alert rule';
  name: string;
  /** Path in Grafana. */
  path: string;
  /** The part that has the finding, for example a panel and a query. */
  where?: string;
  finding: Finding;
}

export interface Report {
  /** Numbers of data sources and queries of this plugin, and of dashboards, panels and rules with such queries. */
  read: { dataSources: number; dashboards: number; libraryPanels: number; alertRules: number; queries: number };
  places: Place[];
  /** Objects that could not be read, with the reason. */
  unread: Array<{ what: string; problem: string }>;
}

const EFFECTS: ReadonlyArray<[Effect, string]> = [
  ['act', 'Needs an action'],
  ['differs', 'Shows a different result'],
  ['better', 'Failed or was wrong before, and now works'],
  ['same', 'Works as before'],
];

/** Maximum number of locations under one finding in the plain text. The JSON report has all locations. */
const MAX_LISTED = 20;

function plural(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun.replace(/y$/, 'ie')}s`}`;
}

function placeLine({ kind, name, where, finding }: Place): string {
  const parts = [`${kind} "${foreignLine(name)}"`, where === undefined ? '' : foreignLine(where, 200)].filter(Boolean);
  return `    - ${parts.join(', ')}${finding.detail === undefined ? '' : `: ${foreignLine(finding.detail, 300)}`}`;
}

function findingLines(code: FindingCode, places: readonly Place[]): string[] {
  const { title, advice } = FINDING_MESSAGES[code];
  const rest = places.length - MAX_LISTED;
  return [
    `  ${title} (${places.length})`,
    `    ${advice}`,
    ...places.slice(0, MAX_LISTED).map(placeLine),
    ...(rest > 0 ? [`    - and ${rest} more; --json lists all of them`] : []),
    '',
  ];
}

/** True if something needs an action, or could not be read. */
export function needsAction({ places, unread }: Report): boolean {
  return unread.length > 0 || places.some(({ finding }) => FINDING_MESSAGES[finding.code].effect === 'act');
}

/** The report as plain text. Control characters in strings from Grafana are removed. */
export function formatReport({ read, places, unread }: Report): string {
  const byCode = Map.groupBy(places, ({ finding }) => finding.code);
  const sections = EFFECTS.flatMap(([effect, heading]) => {
    const codes = [...byCode.keys()].filter((code) => FINDING_MESSAGES[code].effect === effect);
    return codes.length === 0
      ? []
      : [heading, '', ...codes.flatMap((code) => findingLines(code, byCode.get(code) ?? []))];
  });
  const counts = [
    plural(read.dataSources, 'data source'),
    plural(read.dashboards, 'dashboard'),
    plural(read.libraryPanels, 'library panel'),
    plural(read.alertRules, 'alert rule'),
    plural(read.queries, 'query'),
  ];
  return [
    'What changes with this plugin in place of the Go plugin',
    '',
    `Read: ${counts.join(', ')} of this plugin. Nothing was changed.`,
    '',
    ...(unread.length === 0
      ? []
      : [
          'Could not be read',
          '',
          ...unread
            .slice(0, MAX_LISTED)
            .map(({ what, problem }) => `    - ${foreignLine(what, 200)}: ${foreignLine(problem, 300)}`),
          ...(unread.length > MAX_LISTED ? [`    - and ${unread.length - MAX_LISTED} more`] : []),
          '',
        ]),
    ...(sections.length === 0 ? ['Nothing changes.', ''] : sections),
  ].join('\n');
}

/** The report for programs: locations with code, effect and messages. */
export function reportJson({ read, places, unread }: Report): string {
  const entries = places.map(({ finding, ...place }) => ({ ...place, ...finding, ...FINDING_MESSAGES[finding.code] }));
  return `${JSON.stringify({ read, places: entries, unread }, undefined, 2)}\n`;
}
