import { type FieldLabels, fieldLabels, type FieldName } from '../../../contract/settings/field-labels';
import { atField, message, type Message } from '../../../contract/messages/message';
import { readChoice } from '../../../contract/problems/choice-problems';
import { type ChoiceName, type ChoiceValue } from '../../../contract/settings/choices';

/**
 * Collects all problems of saved settings, and warnings about them, so that the admin can correct all of them together.
 */
export class Findings {
  readonly problems: Message[] = [];
  readonly warnings: Message[] = [];
  /** The field labels of the settings form in which the settings were entered. */
  labels: FieldLabels = fieldLabels();

  /** Adds the problem of a field, if there is one. */
  check(field: FieldName, problem: Message | undefined): void {
    if (problem !== undefined) {
      this.problems.push(atField(field, problem));
    }
  }

  /** Adds the problem of an empty field, with the usual reason in a provisioning file. */
  missing(field: FieldName, problem: Message | undefined): void {
    if (problem !== undefined) {
      this.problems.push(atField(field, problem), message('variable-is-empty'));
    }
  }

  /** Adds a warning about a field, if there is one. */
  warn(field: FieldName, warning: Message | undefined): void {
    if (warning !== undefined) {
      this.warnings.push(atField(field, warning));
    }
  }

  /** The saved choice of a setting. For an unknown choice, adds a warning and returns `fallback`. */
  choice<Name extends ChoiceName>(name: Name, saved: string, fallback: ChoiceValue<Name>): ChoiceValue<Name> {
    const { value, warning } = readChoice(name, saved, fallback);
    this.warn(name, warning);
    return value;
  }
}
