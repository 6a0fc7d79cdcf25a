/**
 * Conditions on the attributes of spans. A row is saved when it has a key and a value. With the operators `exists`
 * and `missing`, the key is enough.
 */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { useStyles2 } from '@grafana/ui';
import { isEqual } from 'lodash';
import React, { useId, useState } from 'react';
import {
  ATTRIBUTE_OPERATORS,
  type AttributeCondition,
  type AttributeOperator,
  MAX_CONDITIONS,
  needsValue,
} from '../../../../contract/query-types/traces';
import { AddButton, Labelled, RowList } from '../../builder/RowList';
import { SuggestBox } from '../../builder/SuggestBox';
import { type Option } from '../../builder/suggestions';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { hasReference, readValue, formatValue } from '../attribute-values';
import { stringToSave } from './fields';

/** A condition as it is typed. */
interface Row {
  key: string;
  operator: AttributeOperator;
  entered: string;
}

/**
 * Loads suggestions for a condition. A failed lookup gives no suggestions. Suggested values include the variables of
 * the dashboard.
 */
export interface AttributeSuggestions {
  keys: (search: string) => Promise<Option[]>;
  values: (key: string, search: string) => Promise<Option[]>;
}

interface Props {
  attributes: readonly AttributeCondition[] | undefined;
  suggestions: AttributeSuggestions;
  onChange: (attributes: AttributeCondition[] | undefined) => void;
}

const NEW_ROW: Row = { key: '', operator: '=', entered: '' };

function rowsOf(attributes: readonly AttributeCondition[] = []): Row[] {
  return attributes.map(({ key, operator, value }) => ({ key, operator, entered: formatValue(value, operator) }));
}

/** The conditions of the rows that are complete. Undefined if there are none. */
function conditionsOf(rows: readonly Row[]): AttributeCondition[] | undefined {
  const complete = rows.flatMap(({ key, operator, entered }): AttributeCondition[] => {
    if (key === '' || (entered === '' && needsValue(operator))) {
      return [];
    }
    return [needsValue(operator) ? { key, operator, value: readValue(entered, operator) } : { key, operator }];
  });
  return complete.length === 0 ? undefined : complete.slice(0, MAX_CONDITIONS);
}

/** Shown in the search for traces. A new row is kept in the editor until it is complete. */
export function AttributeRows({ attributes, suggestions, onChange }: Props) {
  const [typed, setTyped] = useState(() => rowsOf(attributes));
  // Other tools may save a condition that the form would save differently, such as `contains` with a number.
  const saved = conditionsOf(rowsOf(attributes));
  // Saved conditions that differ from the typed rows come from outside, for example from the query history.
  const rows = isEqual(conditionsOf(typed), saved) ? typed : rowsOf(attributes);
  const change = (next: Row[]) => {
    setTyped(next);
    const conditions = conditionsOf(next);
    if (!isEqual(conditions, attributes?.length ? attributes : undefined)) {
      onChange(conditions);
    }
  };
  const label = t('query-types.attributes.label', 'Attributes');
  return (
    <EditorRow>
      <EditorField
        label={label}
        tooltip={t(
          'query-types.attributes.tooltip',
          'All conditions hold for the same span. The type of a value is detected: 500 is a number, true is a boolean, and "500" in quotes is text.'
        )}
      >
        <RowList<Row>
          label={label}
          items={rows}
          onChange={change}
          render={(row, index, replace) => (
            <AttributeRow row={row} number={index + 1} suggestions={suggestions} onChange={replace} />
          )}
        >
          <AddButton
            label={t('query-types.attributes.add', 'Add attribute')}
            disabledReason={
              rows.length < MAX_CONDITIONS
                ? undefined
                : t('query-types.attributes.max', 'A query has at most {{max}} attributes.', { max: MAX_CONDITIONS })
            }
            onClick={() => setTyped([...rows, NEW_ROW])}
          />
        </RowList>
      </EditorField>
    </EditorRow>
  );
}

function operatorLabel(operator: AttributeOperator): string {
  switch (operator) {
    case 'contains':
      return t('query-types.attributes.contains', 'contains');
    case 'exists':
      return t('query-types.attributes.exists', 'exists');
    case 'missing':
      return t('query-types.attributes.missing', 'is missing');
    default:
      return operator;
  }
}

/** The type that was detected in the value. */
function typeLabel({ entered, operator }: Row): string {
  if (!needsValue(operator) || entered === '') {
    return '';
  }
  if (hasReference(entered)) {
    return t('query-types.attributes.variable', 'type of the variable');
  }
  const value = readValue(entered, operator);
  return typeof value === 'number'
    ? t('query-types.attributes.number', 'number')
    : typeof value === 'boolean'
      ? t('query-types.attributes.boolean', 'boolean')
      : t('query-types.attributes.text', 'text');
}

interface RowProps {
  row: Row;
  number: number;
  suggestions: AttributeSuggestions;
  onChange: (row: Row) => void;
}

function AttributeRow({ row, number, suggestions, onChange }: RowProps) {
  const id = useId();
  const styles = useStyles2(getStyles);
  const { key, operator, entered } = row;
  return (
    <>
      <Labelled
        htmlFor={`${id}-key`}
        label={t('query-types.attributes.key', 'Key of attribute {{number}}', { number })}
      >
        <SuggestBox
          id={`${id}-key`}
          width={24}
          value={key}
          placeholder={t('query-types.attributes.key-placeholder', 'Such as http.route')}
          options={suggestions.keys}
          onChange={(next) => onChange({ ...row, key: stringToSave(next) ?? '' })}
        />
      </Labelled>
      <Labelled
        htmlFor={`${id}-operator`}
        label={t('query-types.attributes.operator', 'Operator of attribute {{number}}', { number })}
      >
        <ChoiceBox<AttributeOperator>
          id={`${id}-operator`}
          width={14}
          options={ATTRIBUTE_OPERATORS.map((value) => ({ value, label: operatorLabel(value) }))}
          value={operator}
          onChange={(next) => onChange({ ...row, operator: next })}
        />
      </Labelled>
      {needsValue(operator) && (
        <Labelled
          htmlFor={`${id}-value`}
          label={t('query-types.attributes.value', 'Value of attribute {{number}}', { number })}
        >
          <SuggestBox
            id={`${id}-value`}
            width={24}
            value={entered}
            placeholder={t('query-types.attributes.value-placeholder', 'Value')}
            options={(search) => suggestions.values(key, search)}
            onChange={(next) => onChange({ ...row, entered: stringToSave(next) ?? '' })}
          />
        </Labelled>
      )}
      <span className={styles.type}>{typeLabel(row)}</span>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  type: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
});
