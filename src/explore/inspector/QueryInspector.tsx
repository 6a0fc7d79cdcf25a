/**
 * The tab Meta data of a panel's inspector: the statements of the panel as they were sent, and what the server recorded
 * about them.
 */
import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, Spinner, useStyles2 } from '@grafana/ui';
import React from 'react';
import {
  type InsertedPart,
  isSentStatement,
  type QueryCost,
  type SentStatement,
} from '../../../contract/resources/query-costs';
import { TEST_IDS } from '../../shared/test-ids';
import { costValues } from './cost-values';
import { FromMemory } from './FromMemory';
import { statementParts } from './statement-parts';
import { type RecordedCosts, type ResourceReader, useQueryCosts } from './use-query-costs';

interface SentQuery {
  refId: string;
  sql: string;
  sent: SentStatement;
}

/** The queries of this plugin. The first frame of each query contains the sent statements. */
function sentQueries(data: readonly DataFrame[]): SentQuery[] {
  return data.flatMap(({ refId = '', meta }) =>
    isSentStatement(meta?.custom) ? [{ refId, sql: meta?.executedQueryString ?? '', sent: meta.custom }] : []
  );
}

/**
 * Shows what the server recorded about the statements of a panel. The search for the records begins when the tab opens.
 * A message says if the data name no statement: the data of a failed query may be missing.
 */
export function QueryInspector({ datasource, data }: { datasource: ResourceReader; data: DataFrame[] }) {
  const queries = sentQueries(data);
  if (queries.length === 0) {
    return (
      <p>
        <Trans i18nKey="inspector.nothing-sent">
          The data of this panel name no statement that was sent to Micromegas.
        </Trans>
      </p>
    );
  }
  return (
    <>
      {queries.map((query) => (
        <Query
          key={`${query.refId} ${query.sent.startedMs} ${query.sent.session}`}
          {...query}
          datasource={datasource}
        />
      ))}
    </>
  );
}

function Query({ refId, sql, sent, datasource }: SentQuery & { datasource: ResourceReader }) {
  const styles = useStyles2(getStyles);
  const { costs, searchAgain } = useQueryCosts(datasource, sent);
  const parts = statementParts(sql, sent.inserted);
  return (
    <section className={styles.query} data-testid={TEST_IDS.inspectedQuery} data-status={costs.status}>
      <h5>
        {t('inspector.statement-of', 'Statement of query {{refId}}', { refId, interpolation: { escapeValue: false } })}
      </h5>
      <pre className={styles.statement}>
        {parts.map(({ sql, by }, index) =>
          by === undefined ? (
            sql
          ) : (
            <mark key={index} className={styles.marks[by]} title={originLabel(by)}>
              {sql}
            </mark>
          )
        )}
      </pre>
      <Legend origins={[...new Set<InsertedPart['by']>(parts.flatMap(({ by }) => by ?? []))]} />
      <FromMemory sent={sent} />
      <h5>
        <Trans i18nKey="inspector.recorded">Recorded by the server</Trans>
      </h5>
      <Costs costs={costs} onSearch={searchAgain} />
      {sent.session !== undefined && (
        <p className={styles.secondary}>
          {t('inspector.session', 'Session in the audit log: {{session}}', {
            session: sent.session,
            interpolation: { escapeValue: false },
          })}
        </p>
      )}
    </section>
  );
}

function originLabel(by: InsertedPart['by']): string {
  switch (by) {
    case 'macro':
      return t('inspector.by.macro', 'Macro');
    case 'filter':
      return t('inspector.by.filter', 'Filter');
    case 'data source':
      return t('inspector.by.data-source', 'Added by the data source');
  }
}

function Legend({ origins }: { origins: ReadonlyArray<InsertedPart['by']> }) {
  const styles = useStyles2(getStyles);
  return origins.length === 0 ? null : (
    <p className={styles.legend}>
      {origins.map((by) => (
        <mark key={by} className={styles.marks[by]}>
          {originLabel(by)}
        </mark>
      ))}
    </p>
  );
}

function Costs({ costs, onSearch }: { costs: RecordedCosts; onSearch: () => void }) {
  switch (costs.status) {
    case 'not-sent':
      return costs.sharedFrom !== undefined ? (
        <p>
          <Trans i18nKey="inspector.of-other-user">
            The statement may be that of another user, so its record is not shown.
          </Trans>
        </p>
      ) : (
        <p>
          <Trans i18nKey="inspector.not-sent">
            User attribution is off, so the statement was sent without a session, and its record cannot be found.
          </Trans>
        </p>
      );
    case 'loading':
      return <Progress>{t('inspector.loading', 'Searching the audit log…')}</Progress>;
    case 'waiting':
      return (
        <Progress>
          {t(
            'inspector.waiting',
            'Searching the audit log… The server writes the record some seconds after the query.'
          )}
        </Progress>
      );
    case 'failed':
      return (
        <SearchAgain onSearch={onSearch}>
          {t('inspector.failed', 'The audit log could not be read: {{error}}', {
            error: costs.message,
            interpolation: { escapeValue: false },
          })}
        </SearchAgain>
      );
    case 'ready':
      return costs.costs.length > 0 ? (
        <>
          <Statements costs={costs.costs} />
          <SearchAgain onSearch={onSearch}>
            {t(
              'inspector.further-statements',
              'If the query sent further statements, the server may write their records later.'
            )}
          </SearchAgain>
        </>
      ) : (
        <SearchAgain onSearch={onSearch}>
          {costs.hasRecords
            ? t(
                'inspector.not-written',
                'There is no record of this query yet. A busy server writes it later: search again.'
              )
            : t(
                'inspector.no-records',
                'log_entries has no audit records of this time that you can read. The server records queries there only if it sends its telemetry to itself.'
              )}
        </SearchAgain>
      );
  }
}

function Progress({ children }: { children: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.progress} role="status">
      <Spinner inline /> {children}
    </div>
  );
}

function SearchAgain({ children, onSearch }: { children: string; onSearch: () => void }) {
  return (
    <>
      <p>{children}</p>
      <p>
        <Button type="button" size="sm" variant="secondary" icon="sync" onClick={onSearch}>
          <Trans i18nKey="inspector.search-again">Search again</Trans>
        </Button>
      </p>
    </>
  );
}

function Statements({ costs }: { costs: readonly QueryCost[] }) {
  const styles = useStyles2(getStyles);
  return (
    <>
      {costs.map((cost, index) => (
        <React.Fragment key={index}>
          {costs.length > 1 && <pre className={styles.start}>{cost.sql}</pre>}
          <dl className={styles.values}>
            {costValues(cost).map(({ label, value }) => (
              <React.Fragment key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </React.Fragment>
            ))}
          </dl>
        </React.Fragment>
      ))}
    </>
  );
}

function getStyles({ colors, spacing, typography, shape }: GrafanaTheme2) {
  const marked = (background: string, line: string) =>
    css({
      background,
      color: colors.text.primary,
      padding: 0,
      borderBottom: `1px solid ${line}`,
      borderRadius: 0,
    });
  return {
    query: css({ marginBottom: spacing(4) }),
    statement: css({
      whiteSpace: 'pre-wrap',
      wordBreak: 'normal',
      overflowWrap: 'anywhere',
      maxHeight: 400,
      overflowY: 'auto',
    }),
    start: css({ whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis', marginBottom: spacing(1) }),
    marks: {
      macro: marked(colors.info.transparent, colors.info.border),
      filter: marked(colors.warning.transparent, colors.warning.border),
      'data source': marked(colors.secondary.transparent, colors.border.strong),
    },
    legend: css({ display: 'flex', gap: spacing(2), ...typography.bodySmall }),
    progress: css({ marginBottom: spacing(2) }),
    values: css({
      display: 'grid',
      gridTemplateColumns: 'max-content 1fr',
      gap: spacing(0.5, 3),
      marginBottom: spacing(2),
      borderRadius: shape.radius.default,
      dt: { fontWeight: typography.fontWeightRegular, color: colors.text.secondary },
      dd: { margin: 0, fontVariantNumeric: 'tabular-nums' },
    }),
    secondary: css({ color: colors.text.secondary, ...typography.bodySmall }),
  };
}
