import { t } from '@grafana/i18n';
import { type ContextScope } from '../../../contract/logs/log-context';
import { type UnidentifiedReason } from './log-line';

/** Why a line has no context, and how to change the query. */
export function reasonMessage(reason: UnidentifiedReason): string {
  switch (reason) {
    case 'no-process':
      return t(
        'log-context.no-process',
        'The lines of this query do not say which process wrote them. Add the column process_id to the query to see the lines around this one.'
      );
    case 'process-invalid':
      return t(
        'log-context.process-invalid',
        'The column process_id of this query does not contain the ID of a process. Select process_id unchanged to see the lines around this one.'
      );
    case 'no-time':
      return t(
        'log-context.no-time',
        'This line has no time. Select the column time unchanged to see the lines around this one.'
      );
  }
}

/** The scopes that the user can choose, from the narrowest to the widest. */
export function scopeOptions(): Array<{ value: ContextScope; label: string; description: string }> {
  return [
    {
      value: 'target',
      label: t('log-context.scope.same-target', 'Same target'),
      description: t('log-context.scope.same-target-help', 'Lines of this process with the target of this line'),
    },
    {
      value: 'process',
      label: t('log-context.scope.same-process', 'Process'),
      description: t('log-context.scope.same-process-help', 'All lines of the process that wrote this line'),
    },
    {
      value: 'computer',
      label: t('log-context.scope.same-computer', 'Computer'),
      description: t(
        'log-context.scope.same-computer-help',
        'Lines of all processes on the same computer, up to a day before and after'
      ),
    },
  ];
}
