import { type FieldLabels, fieldLabels, type FieldName } from '../../../contract/settings/field-labels';
import { atField, type Message } from '../../../contract/messages/message';

/** Collects all problems and doubts about saved settings, so that the admin can correct all of them together. */
export class Findings {
  readonly problems: Message[] = [];
  readonly warnings: Message[] = [];
  /** The labels in the settings form with which the settings were entered. */
  labels: FieldLabels = fieldLabels();

  /** Adds the problem of a field, if there is one. */
  check(field: FieldName, problem: Message | undefined): void {
    if (problem !== undefined) {
      this.problems.push(atField(field, problem));
    }
  }

  /** Adds a doubt about a field, if there is one. */
  doubt(field: FieldName, doubt: Message | undefined): void {
    if (doubt !== undefined) {
      this.warnings.push(atField(field, doubt));
    }
  }
}
