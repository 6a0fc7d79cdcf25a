/**
 * The saved filters of a query, each as a chip that can be edited and removed. The filters come from log lines, from
 * links, and from the ad hoc filters of a panel that was opened in Explore.
 */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import { Button, FieldValidationMessage, IconButton, InlineField, Input, Stack, Text, useStyles2 } from '@grafana/ui';
import React, { useEffect, useId, useRef, useState } from 'react';
import { filtersOf } from '../../../contract/queries/query';
import {
  FILTER_OPERATORS,
  type FilterOperator,
  filterValues,
  isListOperator,
  type QueryFilter,
} from '../../../contract/queries/query-filter';
import { ChoiceBox } from '../../shared/controls/ChoiceBox';
import { MAX_TAG_CHARACTERS, StringsInput } from '../../shared/controls/StringsInput';
import { type MicromegasQuery } from '../../shared/types';
import { filterLabel, operatorLabel } from './filter-label';

interface Props {
  query: MicromegasQuery;
  /** The caller saves the patch and runs the query. */
  onChoose: (patch: Partial<MicromegasQuery>) => void;
}

/**
 * The filter with another operator. For a list operator, a single value becomes a list. For other operators, a list
 * becomes its first value.
 */
function withOperator(filter: QueryFilter, operator: FilterOperator): QueryFilter {
  const { key, value, values } = filter;
  return isListOperator(operator)
    ? { key, operator, value, values: values ?? [value] }
    : { key, operator, value: isListOperator(filter.operator) ? (values?.[0] ?? '') : value };
}

/** The control that gets the focus if the user presses Tab in the last control of an element. */
function controlAfter(element: HTMLElement | null): HTMLElement | undefined {
  const controls = document.querySelectorAll<HTMLElement>('button:enabled, input:enabled, textarea:enabled, a[href]');
  return [...controls].find(
    (control) =>
      element !== null &&
      !element.contains(control) &&
      (element.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
  );
}

/** Shown below the SQL or the form. Renders nothing without filters. */
export function FilterChips({ query, onChoose }: Props) {
  const styles = useStyles2(getStyles);
  // The React key of the edited filter. If the filters change, the key may change, and then the form closes.
  const [edited, setEdited] = useState<string>();
  const row = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  /**
   * Index of the filter whose chip or form gets the focus after the next rendering. That rendering unmounts the control
   * that has the focus.
   */
  const focused = useRef<number>();
  /** The control that gets the focus if no filter is left. */
  const next = useRef<HTMLElement>();
  useEffect(() => {
    const index = focused.current;
    focused.current = undefined;
    if (index !== undefined) {
      const items = [...(list.current?.children ?? [])];
      const item = items[Math.min(index, items.length - 1)];
      const value = item?.querySelector<HTMLElement>('input[id$="-value"]');
      (value ?? item?.querySelector('button') ?? next.current)?.focus();
    }
  });
  const filters = filtersOf(query.filters);
  if (filters.length === 0) {
    return null;
  }
  const edit = (index: number, key: string | undefined) => {
    focused.current = index;
    setEdited(key);
  };
  const save = (changed: QueryFilter[], index: number) => {
    edit(index, undefined);
    next.current = changed.length === 0 ? controlAfter(row.current) : undefined;
    onChoose({ filters: changed.length > 0 ? changed : undefined });
  };
  return (
    <EditorRow>
      <div ref={row} role="group" aria-label={t('filter.label', 'Filters')} className={styles.row}>
        <Text variant="bodySmall" color="secondary">
          <Trans i18nKey="filter.label">Filters</Trans>
        </Text>
        <ul ref={list} className={styles.list}>
          {filters.map((filter, index) => {
            const key = `${index} ${filterLabel(filter)}`;
            return (
              <li key={key}>
                {key === edited ? (
                  <FilterForm
                    filter={filter}
                    onApply={(changed) => save(filters.toSpliced(index, 1, changed), index)}
                    onCancel={() => edit(index, undefined)}
                  />
                ) : (
                  <Chip
                    label={filterLabel(filter)}
                    onEdit={() => edit(index, key)}
                    onRemove={() => save(filters.toSpliced(index, 1), index)}
                  />
                )}
              </li>
            );
          })}
        </ul>
        {filters.length > 1 && (
          <Button size="sm" fill="text" variant="secondary" type="button" onClick={() => save([], 0)}>
            <Trans i18nKey="filter.remove-all">Remove all</Trans>
          </Button>
        )}
      </div>
    </EditorRow>
  );
}

interface ChipProps {
  label: string;
  onEdit: () => void;
  onRemove: () => void;
}

function Chip({ label, onEdit, onRemove }: ChipProps) {
  const styles = useStyles2(getStyles);
  const named = { filter: label, interpolation: { escapeValue: false } };
  const remove = t('filter.remove', 'Remove the filter {{filter}}', named);
  return (
    <span className={styles.chip}>
      <button
        type="button"
        className={styles.label}
        title={label}
        aria-label={t('filter.edit', 'Edit the filter {{filter}}', named)}
        onClick={onEdit}
      >
        {label}
      </button>
      <IconButton name="times" size="sm" aria-label={remove} onClick={onRemove} />
    </span>
  );
}

interface FormProps {
  filter: QueryFilter;
  onApply: (filter: QueryFilter) => void;
  onCancel: () => void;
}

/**
 * Keeps the focus in the list of values when the mouse presses a button. If the list lost the focus, it would add the
 * typed string and grow. The button would then move away from the mouse before the click.
 */
function keepFocus(event: React.MouseEvent): void {
  event.preventDefault();
}

/** Makes the list of values in a form add the typed string. */
function addTyped(form: HTMLElement | null): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLInputElement && form?.contains(activeElement)) {
    activeElement.blur();
  }
}

function FilterForm({ filter, onApply, onCancel }: FormProps) {
  const id = useId();
  const [draft, setDraft] = useState(filter);
  /** The draft, including a string that was added after the last rendering. */
  const latest = useRef(filter);
  const change = (changed: QueryFilter) => {
    latest.current = changed;
    setDraft(changed);
  };
  const [isTooLong, setIsTooLong] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  return (
    <Stack ref={form} gap={1} alignItems="center" wrap="wrap">
      <InlineField label={draft.key} htmlFor={`${id}-operator`}>
        <ChoiceBox<FilterOperator>
          id={`${id}-operator`}
          width={20}
          options={FILTER_OPERATORS.map((value) => ({ value, label: operatorLabel(value, draft.key) }))}
          value={draft.operator}
          onChange={(operator) => {
            if (!isListOperator(operator)) {
              // The list is unmounted, with the string that was typed into it.
              setIsTooLong(false);
            }
            change(withOperator(draft, operator));
          }}
        />
      </InlineField>
      {isListOperator(draft.operator) ? (
        <StringsInput
          id={`${id}-value`}
          width={30}
          strings={filterValues(draft)}
          placeholder={t('filter.add-value', 'Value (Enter adds it)')}
          onChange={(values) => change({ ...draft, value: values[0] ?? '', values })}
          onTooLong={setIsTooLong}
        />
      ) : (
        <Input
          id={`${id}-value`}
          width={30}
          aria-label={t('filter.value', 'Value')}
          value={draft.value}
          onChange={({ currentTarget }) => change({ ...draft, value: currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              // The chip gets the focus. Without this call, Enter would also press the button of the chip.
              event.preventDefault();
              onApply(draft);
            }
          }}
        />
      )}
      {isTooLong && (
        <FieldValidationMessage>
          {t(
            'filter.too-long',
            'Longer than {{max}} characters, which this version of Grafana does not add to a list. Choose an operator for one value.',
            { max: MAX_TAG_CHARACTERS }
          )}
        </FieldValidationMessage>
      )}
      <Button
        size="sm"
        type="button"
        disabled={isTooLong}
        onMouseDown={keepFocus}
        onClick={() => {
          addTyped(form.current);
          onApply(latest.current);
        }}
      >
        <Trans i18nKey="filter.apply">Apply</Trans>
      </Button>
      <Button size="sm" variant="secondary" type="button" onMouseDown={keepFocus} onClick={onCancel}>
        <Trans i18nKey="filter.cancel">Cancel</Trans>
      </Button>
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1), minWidth: 0 }),
  list: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    minWidth: 0,
    listStyle: 'none',
    margin: 0,
    padding: 0,
    // The label of a chip that is wider than the row is truncated.
    '& > li': { minWidth: 0, maxWidth: '100%' },
  }),
  chip: css({
    display: 'inline-flex',
    alignItems: 'center',
    maxWidth: '100%',
    padding: theme.spacing(0.25, 0.5, 0.25, 1),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.medium}`,
  }),
  label: css({
    minWidth: 0,
    maxWidth: '48ch',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    background: 'none',
    border: 'none',
    padding: 0,
    marginRight: theme.spacing(0.5),
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.primary,
  }),
});
