/** Formats and options of a query, with the labels that the editor shows for them. */
import { t } from '@grafana/i18n';
import { type MicromegasQueryFields, readQuery } from '../../../contract/queries/query';
import { type PatternOrder, type PatternResult } from '../../../contract/logs/log-patterns';
import { type FillMode, type QueryFormat } from '../../../contract/result-format';

interface FormatOption {
  value: QueryFormat;
  label: string;
  /** For the help: the columns that the query must return. */
  needs: string;
}

/** The formats in the order of the list, in the language of the user. */
export function formats(): FormatOption[] {
  return [
    {
      value: 'table',
      label: t('query.format.table.label', 'Table'),
      needs: t('query.format.table.needs', 'shows any result unchanged.'),
    },
    {
      value: 'time_series',
      label: t('query.format.time-series.label', 'Time series'),
      needs: t(
        'query.format.time-series.needs',
        'needs a time column and numbers. Text columns become labels. To fill gaps, see Options.'
      ),
    },
    {
      value: 'logs',
      label: t('query.format.logs.label', 'Logs'),
      needs: t(
        'query.format.logs.needs',
        'needs a time column and a message (msg). A level column sets the colour. Other columns become fields.'
      ),
    },
    {
      value: 'patterns',
      label: t('query.format.patterns.label', 'Log patterns'),
      needs: t(
        'query.format.patterns.needs',
        'needs the columns of log lines, and counts the lines whose messages differ only in numbers, ids or single words.'
      ),
    },
  ];
}

/** The results of the format _Log patterns_, in the order of the list and in the language of the user. */
export function patternResults(): Array<{ value: PatternResult; label: string }> {
  return [
    { value: 'table', label: t('query.patterns.result.table', 'Table') },
    { value: 'over-time', label: t('query.patterns.result.over-time', 'Over time') },
    { value: 'new', label: t('query.patterns.result.new', 'Number of new patterns') },
    { value: 'new-list', label: t('query.patterns.result.new-list', 'New patterns') },
  ];
}

/** The orders of the table of patterns. */
export function patternOrders(): Array<{ value: PatternOrder; label: string }> {
  return [
    { value: 'lines', label: t('query.patterns.order.lines', 'Most lines first') },
    { value: 'new', label: t('query.patterns.order.new', 'New first') },
    { value: 'rare', label: t('query.patterns.order.rare', 'Rarest first') },
  ];
}

/** A choice of the control _Fill gaps_. For `off`, the saved query has no `fillMode`. */
export type FillChoice = FillMode | 'off';

interface FillOption {
  value: FillChoice;
  label: string;
  description: string;
}

/** The choices of the fill mode, in the order of the list and in the language of the user. */
export function fillModes(): FillOption[] {
  return [
    {
      value: 'off',
      label: t('query.fill.off.label', 'Off'),
      description: t('query.fill.off.description', 'No added points.'),
    },
    {
      value: 'null',
      label: t('query.fill.null.label', 'Null'),
      description: t('query.fill.null.description', 'A gap breaks the line.'),
    },
    {
      value: 'zero',
      label: t('query.fill.zero.label', 'Zero'),
      description: t('query.fill.zero.description', 'For counts and sums.'),
    },
    {
      value: 'previous',
      label: t('query.fill.previous.label', 'Previous'),
      description: t('query.fill.previous.description', 'Repeats the last value.'),
    },
  ];
}

/** The choice that the control shows: `off` for a query without a fill mode, and for an unknown fill mode. */
export function fillModeOf(query: MicromegasQueryFields): FillChoice {
  return readQuery(query).fillMode ?? 'off';
}

/** The patch that saves a choice. _Off_ removes the fill mode from the saved query. */
export function fillPatch(choice: FillChoice): MicromegasQueryFields {
  return { fillMode: choice === 'off' ? undefined : choice };
}

/**
 * True if the saved row limit is not a whole number of at least 1. Such a limit has no effect. Null and the empty
 * string count as no limit.
 */
export function isRowLimitInvalid(query: MicromegasQueryFields): boolean {
  return String(query.rowLimit ?? '') !== '' && readQuery(query).rowLimit === undefined;
}

/**
 * Summary of the time filter, the limits and the options that apply to the format of the query, for the collapsed row.
 *
 * @param hasRowLimit True if the row shows the row limit.
 */
export function optionsSummary(query: MicromegasQueryFields, hasRowLimit: boolean): string {
  const { format, fillMode, labelColumns, bigIntegersAsText, legend, timeFilter, rowLimit, autoLimit } =
    readQuery(query);
  const mode = fillModes().find(({ value }) => value === fillMode)?.label;
  const columns = labelColumns.join(', ');
  const interpolation = { escapeValue: false };
  const limits = [
    timeFilter ? t('query.summary.filtered', 'Time filter: on') : t('query.summary.unfiltered', 'Time filter: off'),
    autoLimit ? t('query.auto-limit.label', 'Auto limit') : '',
    !hasRowLimit
      ? ''
      : rowLimit === undefined
        ? t('query.summary.default-row-limit', 'Row limit: that of the data source')
        : t('query.summary.row-limit', 'Row limit: {{rowLimit}}', { rowLimit }),
  ];
  const ofFormat =
    format === 'time_series'
      ? [
          fillMode === undefined ? '' : t('query.summary.fill', 'Fill gaps: {{mode}}', { mode, interpolation }),
          legend === undefined ? '' : t('query.summary.legend', 'Legend: {{legend}}', { legend, interpolation }),
          columns === '' ? '' : t('query.summary.labels', 'Labels: {{columns}}', { columns, interpolation }),
        ]
      : [bigIntegersAsText ? t('query.big-integers.label', 'Big integers as text') : ''];
  return [...limits, ...ofFormat].filter((part) => part !== '').join(' · ');
}
