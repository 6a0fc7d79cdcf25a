/** Ready-made queries from which an author can start in an empty editor. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Spinner, Text, useStyles2 } from '@grafana/ui';
import React, { useEffect, useRef, useState } from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';
import {
  ALERT_POINTS,
  ALL_POINTS,
  ANNOTATION_PRESETS,
  type RequestPoint,
  type StartingPoint,
  STARTING_POINTS,
  VARIABLE_PRESETS,
} from '../../../contract/builder/starting-points';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type ViewQueryFields } from '../../../contract/query-types/view-request';
import { useSuggestions } from './builder-context';
import { type Suggestions } from './suggestions';
import { type PointLabels, pointLabels } from './starting-point-labels';

/** The fields that a starting point sets in addition to its SQL. */
export type StartPatch = Pick<MicromegasQueryFields, 'format' | 'timeFilter'>;

interface Props {
  purpose: MicromegasQueryFields['purpose'];
  /** True for the query of an alert rule. */
  isAlert: boolean;
  onState: (state: BuilderState) => void;
  /** Called for a starting point with SQL, but without a builder state. Variables have no such starting points. */
  onSql?: (sql: string, patch: StartPatch) => void;
  /** Called with the fields of a query without SQL. Default: such queries are not offered. */
  onRequest?: (fields: ViewQueryFields) => void;
}

function pointsOf({ purpose, isAlert, onRequest }: Props): ReadonlyArray<StartingPoint | RequestPoint> {
  if (isAlert) {
    return ALERT_POINTS;
  }
  switch (purpose) {
    case 'annotation':
      return ANNOTATION_PRESETS;
    case 'variable':
      return VARIABLE_PRESETS;
    case undefined:
      return onRequest === undefined ? STARTING_POINTS : ALL_POINTS;
  }
}

/** Shown below the choice of the kind while the query has no kind. */
export function StartingPoints(props: Props) {
  const { purpose, onState, onSql, onRequest } = props;
  const styles = useStyles2(getStyles);
  const labels = pointLabels();
  const points = pointsOf(props);
  const label =
    purpose === undefined ? t('builder.start.label', 'Starting points') : t('builder.start.presets', 'Presets');
  const suggestions = useSuggestions();
  const [pending, setPending] = useState<string>();
  /**
   * The starting point that was chosen last. A starting point that is still loading is dropped if the author chooses
   * another one, or if the list is unmounted.
   */
  const latest = useRef<StartingPoint | RequestPoint>();
  useEffect(
    () => () => {
      latest.current = undefined;
    },
    []
  );
  const use = async (point: StartingPoint | RequestPoint) => {
    latest.current = point;
    if ('fields' in point) {
      onRequest?.(point.fields);
      return;
    }
    if (point.state === undefined) {
      onSql?.(point.sql, { format: point.format, timeFilter: point.timeFilter ?? true });
      return;
    }
    setPending(point.id);
    const state = await withExistingMeasure(point.state, suggestions);
    if (latest.current === point) {
      setPending(undefined);
      onState(state);
    }
  };
  return (
    <section aria-label={label} className={styles.section}>
      <Text element="p" variant="bodySmall" color="secondary">
        {purpose === 'variable' ? (
          <Trans i18nKey="builder.start.values-hint">Start with one of these lists, or choose the values below:</Trans>
        ) : (
          <Trans i18nKey="builder.start.hint">Choose what to look at, or start with one of these queries:</Trans>
        )}
      </Text>
      <ul className={styles.list}>
        {points.map((point) => (
          <PointCard
            key={point.id}
            labels={labels[point.id]}
            isPending={pending === point.id}
            onUse={() => void use(point)}
          />
        ))}
      </ul>
    </section>
  );
}

interface CardProps {
  labels: PointLabels;
  isPending: boolean;
  onUse: () => void;
}

function PointCard({ labels: { title, description }, isPending, onUse }: CardProps) {
  const styles = useStyles2(getStyles);
  return (
    <li>
      <button type="button" className={styles.card} aria-busy={isPending} onClick={onUse}>
        <span className={styles.title}>
          {title} {isPending && <Spinner inline size="sm" />}
        </span>
        <span className={styles.description}>{description}</span>
      </button>
    </li>
  );
}

/**
 * For a metrics state, adds the unit of its measure. If the lookup does not find the measure, removes the measure, so
 * that the author chooses another one.
 */
async function withExistingMeasure(state: BuilderState, suggestions: Suggestions): Promise<BuilderState> {
  if (state.kind !== 'metrics') {
    return state;
  }
  const { name } = state;
  const found = (await suggestions.measures(name)).find((measure) => measure.name === name);
  return { ...state, name: found === undefined ? '' : name, unit: found?.unit || undefined };
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ padding: theme.spacing(1) }),
  list: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(220px, 1fr))',
    gap: theme.spacing(1),
    listStyle: 'none',
  }),
  card: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
    width: '100%',
    height: '100%',
    padding: theme.spacing(1, 1.5),
    textAlign: 'left',
    color: theme.colors.text.primary,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    '&:hover, &:focus-visible': { background: theme.colors.action.hover, borderColor: theme.colors.border.strong },
  }),
  title: css({ fontWeight: theme.typography.fontWeightMedium }),
  description: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
});
