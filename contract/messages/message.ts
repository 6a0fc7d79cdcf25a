/**
 * Messages as values. A function that finds a problem returns a message: the code of a template, and the values for the
 * template. A message is rendered where it is displayed. So no function parses or changes a sentence, and a translation
 * consists only of templates. Never put a secret into a message, because the values are displayed.
 */
import { fieldLabels, type FieldLabels, type FieldName, isFieldName } from '../settings/field-labels';
import { BETWEEN_MESSAGES } from './between-messages';
import { HEALTH_MESSAGES } from './health-messages';
import { PROVIDER_MESSAGES } from './provider-messages';
import { SETTINGS_MESSAGES } from './settings-messages';
import { TOKEN_MESSAGES } from './token-messages';

/**
 * All templates, in English, by code. `{{name}}` is a value of the message, or the label of the field with this name.
 */
export const MESSAGES = {
  ...SETTINGS_MESSAGES,
  ...PROVIDER_MESSAGES,
  ...BETWEEN_MESSAGES,
  ...TOKEN_MESSAGES,
  ...HEALTH_MESSAGES,
} as const satisfies Readonly<Record<string, string>>;

export type MessageCode = keyof typeof MESSAGES;

/** A list is shown with commas between its items. */
export type MessageValue = string | number | Message | readonly MessageValue[];

/** A message as a value. Create it with the function `message`, whose types require all values of the template. */
export interface Message {
  readonly code: MessageCode;
  readonly values?: Readonly<Record<string, MessageValue>>;
  /** The setting that the message is about. The label of the setting is shown before the message. */
  readonly field?: FieldName;
}

/** Sentences in their order, or a string that is shown unchanged. */
export type Messages = string | readonly Message[];

type Placeholder<Template extends string> = Template extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** Names of the values that a template needs in addition to the labels of fields. */
type NeededValue<Code extends MessageCode> = Exclude<Placeholder<(typeof MESSAGES)[Code]>, FieldName>;

type Values<Code extends MessageCode> = [NeededValue<Code>] extends [never]
  ? []
  : [values: Readonly<Record<NeededValue<Code>, MessageValue>>];

/** Code of a message without values. */
export type PlainCode = {
  [Code in MessageCode]: [NeededValue<Code>] extends [never] ? Code : never;
}[MessageCode];

/** A message with all values that its template needs. */
export function message<Code extends MessageCode>(code: Code, ...[values]: Values<Code>): Message {
  return values === undefined ? { code } : { code, values };
}

/** A message about a setting, for display outside the settings form. */
export function atField(field: FieldName, problem: Message): Message {
  return { ...problem, field };
}

interface RenderOptions {
  /** Default: the labels of the settings form of the provider `other`. */
  labels?: FieldLabels;
  /** Returns the template in the reader's language. Default: the English template. */
  translate?: (code: MessageCode, template: string) => string;
}

const PLACEHOLDER = /\{\{(\w+)\}\}/g;

function isList(value: MessageValue): value is readonly MessageValue[] {
  return Array.isArray(value);
}

function renderValue(value: MessageValue, options: RenderOptions): string {
  if (isList(value)) {
    return value.map((item) => renderValue(item, options)).join(', ');
  }
  return typeof value === 'object' ? renderMessage(value, options) : String(value);
}

function renderMessage({ code, values = {}, field }: Message, options: RenderOptions): string {
  const { labels = fieldLabels(), translate } = options;
  const known: Readonly<Record<string, string | undefined>> = MESSAGES;
  // If the page was loaded before an update of the plugin, it lacks the newest templates.
  const english = known[code] ?? code;
  const template = translate === undefined ? english : translate(code, english);
  const filled = template.replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = values[name] ?? (isFieldName(name) ? labels[name] : undefined);
    return value === undefined ? placeholder : renderValue(value, options);
  });
  return field === undefined ? filled : `${labels[field]}: ${filled}`;
}

/** One message as a sentence, or several with a space between them. */
export function render(content: Messages | Message, options: RenderOptions = {}): string {
  if (typeof content === 'string') {
    return content;
  }
  const messages = 'code' in content ? [content] : content;
  return messages.map((each) => renderMessage(each, options)).join(' ');
}

/** A sentence with the labels of fields in place of their names. */
export function withLabels(template: string, labels: FieldLabels = fieldLabels()): string {
  return template.replace(PLACEHOLDER, (placeholder, name: string) => (isFieldName(name) ? labels[name] : placeholder));
}
