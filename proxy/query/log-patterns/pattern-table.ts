/** The table of patterns. */
import { type PatternOrder } from '../../../contract/logs/log-patterns';
import { LEVEL_CONFIG } from '../../frames/data-frames/column-display';
import { type ComposedField, type ComposedFrame, stringField } from '../../frames/data-frames/composed-frames';
import { HIDDEN } from '../../frames/data-frames/explore-links';
import { TABLE_PANEL } from '../../frames/data-frames/frame-field';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { NAMED_PROGRAMS } from './pattern-sql';
import { type CountedMessages } from './count-messages';
import { type OtherLines, type Pattern } from './pattern';
import { type PatternAction, actionLink, actionPanes, ACTIONS, hasLinks, type PatternSource } from './pattern-links';

/** Widths of columns in pixels. The first four columns fit into a panel of half the page. */
const WIDTHS = { pattern: 380, level: 65, lines: 75, share: 70, trend: 110, action: 90, time: 130, example: 200 };

/** What the table shows. */
export interface PatternTable {
  /** The shown patterns in display order. */
  patterns: readonly Pattern[];
  counted: CountedMessages;
  /** True if it is known which patterns are new. */
  knowsNew: boolean;
  others: OtherLines;
  source: PatternSource;
  notices: readonly Notice[];
}

/** The patterns in the order of the query. */
export function inOrder(patterns: readonly Pattern[], order: PatternOrder, knowsNew: boolean): Pattern[] {
  switch (order) {
    case 'lines':
      return [...patterns];
    case 'new':
      return knowsNew
        ? [...patterns.filter(({ before }) => before === 0), ...patterns.filter(({ before }) => before > 0)]
        : [...patterns];
    case 'rare':
      return patterns.toReversed();
  }
}

/** The frame of the table. The text of lines is always shown as plain text. */
export function patternTable(table: PatternTable, target: LinkTarget | undefined): ComposedFrame {
  const { patterns, counted, knowsNew, others, source } = table;
  const { share } = counted.sampling;
  const values = <T>(value: (pattern: Pattern) => T): T[] => patterns.map(value);
  const links = (...actions: PatternAction[]) =>
    target === undefined || !hasLinks(source) ? {} : { links: actions.map(actionLink) };
  const otherLines = values((pattern) => others.of(pattern));
  const number = (name: string, numbers: readonly number[], config: object): ComposedField => {
    return { kind: 'float64', name, values: numbers, config: { ...config } };
  };
  const time = (name: string, displayName: string, value: (pattern: Pattern) => bigint): ComposedField => {
    return {
      kind: 'timestamp',
      name,
      values: values(value),
      config: { displayName, unit: 'time:MM-DD HH:mm:ss', custom: { width: WIDTHS.time } },
    };
  };
  return {
    kind: TABLE_PANEL,
    notices: table.notices,
    fields: [
      stringField(
        'pattern',
        values(({ pattern }) => pattern),
        { displayName: 'Pattern', custom: { minWidth: WIDTHS.pattern }, ...links('filterFor', 'filterOut') }
      ),
      levelField(values(({ level }) => level)),
      number(
        'lines',
        values(({ lines }) => Math.round(lines / share)),
        { displayName: 'Lines', unit: 'locale', custom: { width: WIDTHS.lines }, ...links('lines') }
      ),
      {
        kind: 'json',
        name: 'trend',
        values: values(({ trend }) => JSON.stringify(trend.map((lines) => Math.round(lines / share)))),
        config: {
          displayName: 'Trend',
          custom: { cellOptions: { type: 'sparkline', hideValue: true }, width: WIDTHS.trend },
        },
      },
      ...(target === undefined || !hasLinks(source)
        ? []
        : [
            stringField(
              'over_time',
              values(() => 'Over time'),
              { displayName: ' ', custom: { width: WIDTHS.action }, ...links('overTime') }
            ),
          ]),
      stringField(
        'new',
        values(({ before }) => (knowsNew ? (before === 0 ? 'new' : '') : 'unknown')),
        { displayName: 'New', custom: { width: WIDTHS.share } }
      ),
      number(
        'share',
        values(({ lines }) => lines / share / Math.max(1, counted.lines)),
        { displayName: 'Share', unit: 'percentunit', decimals: 1, custom: { width: WIDTHS.share } }
      ),
      time('first', 'First', ({ firstNs }) => firstNs),
      time('last', 'Last', ({ lastNs }) => lastNs),
      stringField('programs', values(programsOf), { displayName: 'Programs', custom: { minWidth: WIDTHS.action } }),
      stringField(
        'example',
        values(({ example }) => example),
        { displayName: 'Example', custom: { minWidth: WIDTHS.example } }
      ),
      ...(otherLines.some((lines) => lines > 0)
        ? [number('other_lines', otherLines, { displayName: 'Lines of others with these words', unit: 'locale' })]
        : []),
      stringField(
        'id',
        values(({ id }) => id),
        HIDDEN
      ),
      ...panesFields(patterns, source, target),
    ],
  };
}

/** Levels of Micromegas as numbers with names, other levels as strings. */
function levelField(levels: readonly string[]): ComposedField {
  const custom = { width: WIDTHS.level, cellOptions: { type: 'color-text' } };
  return levels.every((level) => /^[1-6]?$/.test(level))
    ? {
        kind: 'float64',
        name: 'level',
        values: levels.map((level) => (level === '' ? Number.NaN : Number(level))),
        config: { displayName: 'Level', ...LEVEL_CONFIG, custom },
      }
    : stringField('level', levels, { displayName: 'Level', custom });
}

/** The names of some programs, and the number of the others. */
function programsOf({ programs, programNames, texts }: Pattern): string {
  const named = programNames.slice(0, NAMED_PROGRAMS);
  const more = programs - named.length;
  if (more <= 0) {
    return named.join(', ');
  }
  // Different texts of a pattern may have different programs that are not named.
  return `${named.join(', ')} and ${texts > 1 ? 'at least ' : ''}${more} more`;
}

function panesFields(
  patterns: readonly Pattern[],
  source: PatternSource,
  target: LinkTarget | undefined
): ComposedField[] {
  if (target === undefined || !hasLinks(source)) {
    return [];
  }
  return (['lines', 'overTime', 'filterFor', 'filterOut'] as const).map((action) =>
    stringField(
      ACTIONS[action].field,
      patterns.map((pattern) => actionPanes(action, pattern, source, target)),
      HIDDEN
    )
  );
}
